/// Tables of Internet users by AS that people bring along.
#pragma once

#include "firstbyte/scenario.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace firstbyte {

/// Users of one AS in one country.
struct AsUsers {
    AsNumber number = 0;
    std::string country; ///< ISO 3166 alpha-2; empty: not given
    double users = 0;
};

/// A place in the file that is no part of a table.
struct UsersFault {
    std::size_t line = 0, column = 0; ///< from 1; column in characters
    std::string message;
};

/// Reads comma-separated values (RFC 4180) whose first line names the columns: `asn` and `users`, perhaps `cc`, in any
/// order and in upper or lower case; others are ignored. Numbers of ASes may have "AS" before them. Lines that are
/// empty or begin with '#' say nothing. An AS may have a line for each country.
/// @param faults  receives what is wrong; such a line adds nothing
[[nodiscard]] std::vector<AsUsers> parse_users(std::string_view text, std::vector<UsersFault>& faults);

} // namespace firstbyte
