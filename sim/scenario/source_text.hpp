/// The bytes of a scenario file and where its lines begin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

/// Bytes [begin, end) of the file.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Line and column, both from 1; columns count characters (code points), as editors do.
struct Position {
    int line = 0;
    int column = 0;
};

class SourceText {
public:
    explicit SourceText(std::string_view text);

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] Position position(std::size_t offset) const;
    /// The line without its line end; empty when there is no such line.
    [[nodiscard]] std::string line(int number) const;
    /// Characters of `span` that are on its first line, at least 1.
    [[nodiscard]] int length_on_first_line(Span span) const;

private:
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
};

} // namespace firstbyte::scenario
