/// Which value of a setting would have made a request end well: found by running it again.
#pragma once

#include "firstbyte/scenario.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace firstbyte::tools {

/// Runs the same request with one setting changed.
/// @returns true when it ends well there; false also where the setting is refused or the request is never made
using TryAgain = std::function<bool(const Override&)>;

/// One setting and what was found about it.
struct Remedy {
    std::string path;     ///< with the element's id: "origins.web.idle_timeout"
    std::string in_force; ///< "not set" where it is not
    std::string finding;  ///< "ends well with 131s, not yet with 130s"; empty where no value can be tried
};

/// Looks through settings one by one: numbers are doubled and halved up to 32 times, then bisected to about a percent;
/// switches are turned, and of choices each other word is tried.
/// @param settings   patterns of keys: "origins[].idle_timeout"
/// @param effective  the scenario as it was run
/// @param runs       how many runs there may be in all; settings that come later are then only listed
[[nodiscard]] std::vector<Remedy> remedies(const std::vector<std::string>& settings, const nlohmann::json& effective,
                                           const TryAgain& try_again, int runs);

} // namespace firstbyte::tools
