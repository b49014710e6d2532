/// Files of measurements in, checked records out.
#pragma once

#include "records.hpp"

#include <string>
#include <vector>

namespace firstbyte::validate {

/// @param name  of the file, for messages
/// @throws RecordError
[[nodiscard]] std::vector<GridPoint> parse_grid(const std::string& text, const std::string& name);
[[nodiscard]] std::vector<Timeline> parse_timelines(const std::string& text, const std::string& name);

/// The whole file. @throws std::runtime_error  "cannot read FILE: reason"
[[nodiscard]] std::string read_text(const std::string& path);

} // namespace firstbyte::validate
