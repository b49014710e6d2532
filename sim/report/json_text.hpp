/// JSON as text that people and diffs can read: the outer levels one item a line, the inner ones on one line.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace firstbyte::report {

using Json = nlohmann::ordered_json; ///< keys stay in the order in which the format lists them

/// @param open_levels  levels of objects and arrays whose items get lines of their own
[[nodiscard]] std::string json_text(const Json& value, int open_levels);

} // namespace firstbyte::report
