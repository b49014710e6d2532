#include "paint.hpp"

#include <cstdlib>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace firstbyte::tools {
namespace {

/// True for a variable that is set and not empty.
bool given(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

bool in_colour(const Look& look, std::FILE* stream) {
    if (look.color != "auto") return look.color == "always";
    if (given("NO_COLOR")) return false;
    if (given("CLICOLOR_FORCE")) return std::string_view{std::getenv("CLICOLOR_FORCE")} != "0";
    const char* terminal = std::getenv("TERM");
    if (terminal == nullptr || std::string_view{terminal} == "dumb") return false;
    return ::isatty(::fileno(stream)) != 0;
}

/// A word at the begin of a line, and how it is shown (ECMA-48, SGR).
struct Mark {
    std::string_view line_start, word;
    const char* code;
};
constexpr const char *red = "1;31", *yellow = "33", *green = "32", *faint = "2";
constexpr Mark marks[] = {{"    ok    ", "ok", green},     {"    FAIL  ", "FAIL", red},
                          {"    warn  ", "warn", yellow},  {"    skip  ", "skip", faint},
                          {"error[", "error", red},        {"error: ", "error", red},
                          {"warning[", "warning", yellow}, {"warning: ", "warning", yellow}};

std::string painted_line(std::string line) {
    for (const Mark& mark : marks) {
        if (!line.starts_with(mark.line_start)) continue;
        const std::size_t at = line.find(mark.word);
        line.insert(at + mark.word.size(), "\x1b[0m");
        line.insert(at, std::string{"\x1b["} + mark.code + "m");
        break;
    }
    return line;
}

} // namespace

std::string painted(const std::string& text, const Look& look, std::FILE* stream) {
    if (!in_colour(look, stream)) return text;
    std::string out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) out += painted_line(std::move(line)) + "\n";
    return out;
}

} // namespace firstbyte::tools
