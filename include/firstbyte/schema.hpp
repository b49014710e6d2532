/// JSON Schemas of the files that the program writes; that of scenarios is in firstbyte/scenario.hpp.
#pragma once

#include <string>

namespace firstbyte {

/// JSON Schema (draft 2020-12) of result.json, format 1: every member that this version writes, and no other.
[[nodiscard]] std::string result_schema_json();

} // namespace firstbyte
