/// Puts words to a recorded connection, after it ended.
#pragma once

#include "cdn/tls.hpp"
#include "firstbyte/results.hpp"

namespace firstbyte::cdn {

/// Says what each packet's payload is ("ClientHello (517 B)").
void annotate(TraceConnection& trace, const TlsFlights& flights);

} // namespace firstbyte::cdn
