/// The command line of firstbyte-validate.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::validate {

// Exit codes, those of the firstbyte program.
inline constexpr int exit_met = 0;
inline constexpr int exit_failure = 1; ///< a file that cannot be read or is malformed
inline constexpr int exit_usage = 2;
inline constexpr int exit_missed = 99; ///< a figure is missed

/// Runs the command; what is found goes to stdout, faults as one sentence to stderr.
/// @param arguments  without the program's name
/// @returns the exit code
[[nodiscard]] int run_command(std::vector<std::string> arguments);

} // namespace firstbyte::validate
