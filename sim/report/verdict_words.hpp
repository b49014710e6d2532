/// What a stored result claims of a variant against its baseline, in words for Markdown and HTML.
#pragma once

#include "report/json_text.hpp"
#include "report/outcome_text.hpp"

#include <string>

namespace firstbyte::report {

/// Requests of a variant of a result that did not end with 200, and all.
[[nodiscard]] Failures failures_in(const Json& variant);

struct VerdictWords {
    /// "tfo-on is 21.4 % faster at the median; but 12 % of its requests do not end with 200, against 0 %"
    std::string sentence;
    std::string proof; ///< "-58.1 ms, 95 % CI -59.0 .. -57.3 ms, 10 replications"; numbers only where they are sure
    bool fails_more = false; ///< than the baseline
};
/// @param change  a row of `comparisons` of the result, of the median time to first byte
[[nodiscard]] VerdictWords verdict_words(const Json& result, const Json& change);

} // namespace firstbyte::report
