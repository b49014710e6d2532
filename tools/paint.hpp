/// Colour for people at a terminal. It never carries meaning alone: every mark is a word.
#pragma once

#include "command.hpp"

#include <cstdio>
#include <string>

namespace firstbyte::tools {

/// The text as `stream` is to have it: words of judgement (ok, FAIL, warn, skip) and heads of messages (error, warning)
/// coloured, unless --color, NO_COLOR (no-color.org), CLICOLOR_FORCE, TERM=dumb, or a stream that is no terminal say
/// no. The order: --color always or never, then NO_COLOR, then CLICOLOR_FORCE, then the terminal.
[[nodiscard]] std::string painted(const std::string& text, const Look& look, std::FILE* stream);

} // namespace firstbyte::tools
