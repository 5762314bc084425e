//! From requests to the tasks that carry them out.

use crate::channels::Channels;
use crate::faults::TaskFaults;
use crate::namespace::{Outside, Task};
use crate::outgoing::{Channel, Outgoing};
use crate::reply::failed;
use crate::{connection, datagrams, listener, listening, network, refusals};
use proofhouse_wire::relay::{Frame, Message};
use std::rc::Rc;

/// Carries out what the harness asks.
pub struct Dispatcher {
    task: Rc<Task>,
    outside: Outside,
    faults: TaskFaults,
    outgoing: Rc<Outgoing>,
    channels: Channels,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Dispatcher {
    /// A dispatcher without channels.
    pub fn new(task: Task, outside: Outside, outgoing: Outgoing) -> Self {
        let faults = TaskFaults::default();
        Dispatcher {
            task: Rc::new(task),
            outside,
            faults,
            outgoing: Rc::new(outgoing),
            channels: Channels::new(),
        }
    }

    /// Takes a frame; never waits.
    pub fn dispatch(&mut self, frame: Frame) {
        let channel = Channel::new(frame.channel, Rc::clone(&self.outgoing));
        let channels = self.channels.clone();
        match frame.message {
            Message::Configure(wanted) => {
                channel.send(match network::build(&self.task, &self.outside, &wanted) {
                    Ok(()) => {
                        self.faults.begin(*wanted);
                        Message::Done
                    }
                    Err(error) => failed("cannot build the network", &error),
                })
            }
            Message::SetFaults(wanted) => {
                channel.send(match self.faults.set(&self.task, &self.outside, &wanted) {
                    Ok(()) => Message::Done,
                    Err(error) => failed("cannot change the faults of the task's network", &error),
                });
            }
            Message::Ping => channel.send(Message::Done),
            Message::ListSockets => channel.send(Message::Listing(listening::describe())),
            Message::ListenTcp(address) => self
                .channels
                .start(channel.number, |inbox| listener::listen(address, channel, inbox, channels)),
            Message::BindUdp(address) => {
                self.channels
                    .start(channel.number, |inbox| datagrams::carry(address, channel, inbox, channels));
            }
            Message::ConnectTcp { source, destination } => self
                .channels
                .start(channel.number, |inbox| connection::connect_tcp(source, destination, channel, inbox)),
            Message::ConnectUnix(name) => {
                let task = Rc::clone(&self.task);
                self.channels
                    .start(channel.number, |inbox| connection::connect_unix(task, name, channel, inbox));
            }
            Message::AwaitListening(port) => {
                let task = Rc::clone(&self.task);
                self.channels.start(channel.number, |inbox| listening::wait(task, port, channel, inbox));
            }
            Message::WatchRefusals => {
                self.channels.start(channel.number, |inbox| refusals::watch(channel, inbox));
            }
            message => self.channels.deliver(frame.channel, message),
        }
    }
}
