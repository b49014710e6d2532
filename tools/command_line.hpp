/// The command line as something to keep: what makes the same result again.
#pragma once

#include "command.hpp"

#include <string>
#include <vector>

namespace firstbyte::tools {

/// The program, the command, and the arguments that its result depends on, those from the environment as options; not
/// how many threads there were, what was printed and where it was written.
[[nodiscard]] std::vector<std::string> repeating_words(const Command& command, const CLI::App& parsed);

/// As a POSIX shell reads them: quoted where a word has a character that means something to it.
/// @param seed  of the result, in the place of a seed that was to be drawn
[[nodiscard]] std::string shell_text(const std::vector<std::string>& words, const std::string& seed);

} // namespace firstbyte::tools
