#include "scenario/source_text.hpp"

#include <algorithm>

namespace firstbyte::scenario {

namespace {

/// Code points in a piece of UTF-8: every byte that does not continue a character begins one.
int characters(std::string_view piece) {
    const auto begins = std::count_if(piece.begin(), piece.end(),
                                      [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
    return static_cast<int>(begins);
}

} // namespace

SourceText::SourceText(std::string_view text) : text_(text), line_starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') line_starts_.push_back(i + 1);
    }
}

Position SourceText::position(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const std::size_t start = *(after - 1);
    return {static_cast<int>(after - line_starts_.begin()), characters(text_.substr(start, offset - start)) + 1};
}

std::string SourceText::line(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > line_starts_.size()) return {};
    const std::size_t start = line_starts_[static_cast<std::size_t>(number) - 1];
    std::string_view rest = text_.substr(start);
    rest = rest.substr(0, rest.find('\n'));
    if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
    return std::string{rest};
}

int SourceText::length_on_first_line(Span span) const {
    std::string_view piece = text_.substr(std::min(span.begin, text_.size()), span.end - span.begin);
    piece = piece.substr(0, piece.find_first_of("\r\n"));
    return std::max(1, characters(piece));
}

} // namespace firstbyte::scenario
