/// Single requests of a result, as far as the scenario keeps them.
#pragma once

#include "report/json_text.hpp"

#include "firstbyte/results.hpp"

#include <string>

namespace firstbyte::report {

/// Columns of a request's row, in order; times in ns, null where something did not come.
inline constexpr const char* record_columns[] = {"variant", "run",      "client",     "region",  "pop",     "origin",
                                                 "object",  "code",     "cause",      "session", "request", "t_ns",
                                                 "ttfb_ns", "total_ns", "connect_ns", "rtt_ns",  "flags"};

/// Bits of the column `flags`.
enum RecordFlag : unsigned {
    record_reused = 1,   ///< on a connection that was open already
    record_cookie = 2,   ///< the SYN of its connection carried a Fast Open cookie
    record_accepted = 4, ///< and the server took its data
    record_complete = 8, ///< the whole response came
};

/// One row for each request kept, replication by replication, as arrays in the order of record_columns.
[[nodiscard]] Json record_rows(const Results& results, const std::string& variant);

} // namespace firstbyte::report
