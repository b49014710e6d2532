/// Facts about outcomes that results, summaries and `explain` share.
#pragma once

#include "firstbyte/results.hpp"

#include <string>
#include <vector>

namespace firstbyte::report {

/// What Cloudflare's machine-readable errors say of a status that the edge made. None of it is said of an origin's own
/// error, which is passed through.
struct ErrorFacts {
    int status = 0;
    const char* error_name = ""; ///< empty: the documentation has none
    const char* category = "";
    bool retryable = false;
    int retry_after = 0; ///< seconds; 0: the field is absent
};
/// Null for a status of which the documentation says nothing.
[[nodiscard]] const ErrorFacts* error_facts(int status);
[[nodiscard]] const ErrorFacts* error_facts(const OutcomeKey& outcome);

/// The settings that decide whether an outcome of this cause happens, the most direct one first.
[[nodiscard]] std::vector<std::string> settings_of(Cause cause);

/// Causes that give a status, in the order of the enumerators.
[[nodiscard]] std::vector<Cause> causes_of(int status);

} // namespace firstbyte::report
