/* Resolves a name as a program linked with musl does: getaddrinfo, and through it unconnected UDP sockets whose
 * answers must come from the address that was asked.
 *
 *   musl-lookup NAME [4|6]
 *
 * Prints one address a line and exits with 0; or the error on standard error, and exits with 1. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list, *it;
    char text[INET6_ADDRSTRLEN];
    int error;

    if (argc == 3 && !strcmp(argv[2], "4"))
        hints.ai_family = AF_INET;
    else if (argc == 3 && !strcmp(argv[2], "6"))
        hints.ai_family = AF_INET6;
    else if (argc != 2) {
        fprintf(stderr, "usage: musl-lookup NAME [4|6]\n");
        return 2;
    }
    error = getaddrinfo(argv[1], NULL, &hints, &list);
    if (error) {
        fprintf(stderr, "musl-lookup: %s: %s\n", argv[1], gai_strerror(error));
        return 1;
    }
    for (it = list; it; it = it->ai_next) {
        const void *address = it->ai_family == AF_INET6
            ? (const void *)&((struct sockaddr_in6 *)it->ai_addr)->sin6_addr
            : (const void *)&((struct sockaddr_in *)it->ai_addr)->sin_addr;
        puts(inet_ntop(it->ai_family, address, text, sizeof text));
    }
    freeaddrinfo(list);
    return 0;
}
