/// The nearest right spelling of a wrong word.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

/// Edits (insert, delete, replace, swap of neighbours) between two words: Damerau-Levenshtein in its restricted form,
/// where no part is edited twice.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, the first of equals; none when it takes more than two edits and more than a third
/// of the word's length, or more than one edit of a word of up to three letters.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `did you mean "x"?` for the nearest candidate, or an empty text.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b or c".
[[nodiscard]] std::string any_of(const std::vector<std::string>& words);

} // namespace firstbyte::scenario
