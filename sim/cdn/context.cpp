#include "cdn/context.hpp"

namespace firstbyte::cdn {

Books books_of(const net::Host& host) {
    Books books = host.books;
    books.connections_open = host.open_connections();
    return books;
}

TraceConnection* Context::traced(std::uint32_t group, std::uint32_t session) {
    for (TraceConnection& trace : traces)
        if (trace.group == group && trace.connection == session) return &trace;
    return nullptr;
}

} // namespace firstbyte::cdn
