/// The checkout's own sources as text, for tests of house rules.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace firstbyte::house {

struct SourceFile {
    std::string path; ///< relative to the checkout, with `/`
    std::string text;
};

/// Every .hpp and .cpp below `folders` of the checkout, by path.
inline std::vector<SourceFile> source_files(const std::vector<std::string>& folders) {
    const std::filesystem::path root = FIRSTBYTE_SOURCE_DIR;
    std::vector<SourceFile> files;
    for (const std::string& folder : folders) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::filesystem::path extension = entry.path().extension();
            if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
            std::ifstream stream(entry.path(), std::ios::binary);
            REQUIRE(stream);
            files.push_back({entry.path().lexically_relative(root).generic_string(),
                             std::string(std::istreambuf_iterator<char>(stream), {})});
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

/// A fault as an editor understands it: "sim/bgp/route.cpp:3: what is wrong".
inline std::string fault(const SourceFile& file, std::size_t line, const std::string& what) {
    return file.path + ":" + std::to_string(line) + ": " + what;
}

} // namespace firstbyte::house
