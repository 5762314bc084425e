//! The WAAS firewall of the reference Defender: detection compiled from the Core Rule Set, and the reverse proxy.
