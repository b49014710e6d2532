/// Outcomes and Fast Open fallbacks in words.
#pragma once

#include "firstbyte/results.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace firstbyte::report {

/// The `requests` line: how many ended with which code.
[[nodiscard]] std::string outcome_lines(const RequestResults& requests);

/// What else than 200 there was: code, cause, timer, leg, count, share and the first connection with it, as `trace`
/// wants it. Empty when all are 200.
[[nodiscard]] std::string outcome_table(const Results& results, const RequestResults& requests);

/// Codes of both sides of a comparison: requests by code.
[[nodiscard]] std::string outcome_change_line(const std::map<std::string, std::uint64_t>& before,
                                              const std::map<std::string, std::uint64_t>& after);

/// Requests of one side of a comparison that did not end with 200, and all.
struct Failures {
    std::uint64_t failed = 0, all = 0;
};
/// "but 12 % of its requests do not end with 200, against 0 %": an error may come sooner than an answer, so no side is
/// only "faster" whose requests fail more often. Empty unless the shares differ by five points, or by three standard
/// errors of two counts and a tenth of a point.
[[nodiscard]] std::string failures_words(const Failures& before, const Failures& after);
/// As above, and the requests of `after` fail more often.
[[nodiscard]] bool fails_more(const Failures& before, const Failures& after);

/// Why connections did not gain from Fast Open, the most frequent reason first.
struct FallbackReason {
    TfoFallback why = TfoFallback::FirstVisit;
    double share = 0;      ///< of connections
    const char* text = ""; ///< continues "12 % of connections ..."
};
[[nodiscard]] std::vector<FallbackReason> fallback_reasons(const ConnectionResults& connections);

} // namespace firstbyte::report
