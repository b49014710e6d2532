/// Reader of CAIDA's AS relationship files, serial-1 and serial-2.
#pragma once

#include "bgp/as_graph.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::bgp {

/// A line that is not a relationship.
struct LineFault {
    std::size_t line = 0; ///< from 1
    std::string message;
};

/// Reads lines `<provider>|<customer>|-1` and `<peer>|<peer>|0`. A fourth field (serial-2: the source of the
/// inference) is ignored, as are lines that start with '#', empty lines, a carriage return at the end and a byte order
/// mark at the start.
/// @param faults  receives every line that is none of these, and what is wrong with it; such a line adds no link
[[nodiscard]] AsLinks parse_as_relationships(std::string_view text, std::vector<LineFault>& faults);

/// The same from a file: plain, gzip, xz or bzip2 by its content.
/// @throws std::runtime_error  when the file cannot be read, is empty, damaged or cut short, or has comments only
[[nodiscard]] AsLinks read_as_relationships(const std::string& path, std::vector<LineFault>& faults);

} // namespace firstbyte::bgp
