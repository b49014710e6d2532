/// Puts words and counters to a recorded connection, after it ended.
#pragma once

#include "cdn/tls.hpp"
#include "firstbyte/results.hpp"

namespace firstbyte::cdn {

/// Says what each packet's payload is ("ClientHello (517 B)"), and derives the server's Fast Open counters from what
/// the SYNs that got through and the SYN-ACKs show.
void annotate(TraceConnection& trace, const TlsFlights& flights);

} // namespace firstbyte::cdn
