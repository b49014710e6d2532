/// Traced connections as JSON values.
#pragma once

#include "firstbyte/results.hpp"
#include "report/json_text.hpp"

namespace firstbyte::report {

[[nodiscard]] Json connection_json(const TraceConnection& trace);

} // namespace firstbyte::report
