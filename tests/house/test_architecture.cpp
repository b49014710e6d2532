/// docs/architecture.md follows one request by file and function: both must be there.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file{std::filesystem::path{FIRSTBYTE_SOURCE_DIR} / path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("architecture: every function that is named beside a file is defined there") {
    const std::string page = text_of("docs/architecture.md");
    const std::regex named{"`((?:sim|tools)/[a-z_/]+\\.cpp)` `([A-Za-z_:]+)`"};
    int found = 0;
    for (std::sregex_iterator it{page.begin(), page.end(), named}; it != std::sregex_iterator{}; ++it) {
        const std::string path = (*it)[1], function = (*it)[2];
        CAPTURE(path);
        CAPTURE(function);
        // A definition begins a line with its return type and goes on to a brace.
        const std::regex definition{"(?:^|\\n)[A-Za-z][^\\n;]* [*&]?" + function + "\\([^;{]*\\{"};
        const std::string source = text_of(path);
        CHECK(std::regex_search(source, definition));
        ++found;
    }
    CHECK(found > 25);
}
