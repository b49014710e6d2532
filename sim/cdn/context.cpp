#include "cdn/context.hpp"

namespace firstbyte::cdn {

Books books_of(const net::Host& host) {
    Books books = host.books;
    books.connections_open = host.open_connections();
    return books;
}

} // namespace firstbyte::cdn
