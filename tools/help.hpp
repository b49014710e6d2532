/// Help texts, suggestions, and what is said about a command line that cannot be understood.
#pragma once

#include "command.hpp"

#include <CLI/Error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace firstbyte::tools {

/// Declares everything that `command` takes: its own options, then those of help and look.
[[nodiscard]] Action prepare(CLI::App& app, const Command& command, Look& look);

/// The overview: usage, one example, every command.
[[nodiscard]] std::string overview();

/// Help of one command. The short form fits a terminal of 24 lines; the long one adds the options of the group "look"
/// and the environment variables.
[[nodiscard]] std::string command_help(const Command& command, const CLI::App& app, bool detailed);

/// A manual page in roff's man macros: of one command, or of the program when the name is empty.
/// @throws UsageError  when there is no such command
[[nodiscard]] std::string manual_page(const std::string& command);

/// The candidate nearest to `word` if it is near enough to be a slip of the pen, else empty.
/// Distance is optimal string alignment (Damerau-Levenshtein without overlaps), at most 2 or a third of the length.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `; did you mean "x"?`, or empty.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// One sentence on what is wrong with the arguments that `app` has just refused.
[[nodiscard]] std::string parse_failure(const CLI::App& app, const CLI::ParseError& error,
                                        const std::vector<std::string>& arguments);

/// One sentence on a word that is no command, among them those that are planned.
[[nodiscard]] std::string unknown_command(std::string_view word);

} // namespace firstbyte::tools
