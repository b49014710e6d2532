/// Scenarios that are refused and scenarios that load, and which faults a schema can see.
#pragma once

#include "scenario/support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace firstbyte::scenario_test {

struct Case {
    std::string name; ///< below the source folder: "tests/invalid/asn_zero.fb.json"
    nlohmann::json document;
    std::vector<Issue> issues; ///< of the loader
};

/// Codes below E300 (syntax, keys, kinds, ranges) that no schema can raise, and why. All codes from E300 on are about
/// what values mean together: references, thresholds, consistency, warnings.
inline const std::map<std::string, std::string>& codes_beyond_schema() {
    static const std::map<std::string, std::string> table{
        {"E101", "not JSON: there is no document to check"},
        {"E104", "a JSON parser keeps one of two equal keys"},
        {"E110", "a key of a later version"},
        {"E203", "ranges of quantities, which are texts with units"},
        {"E207", "names of cities"},
        {"E208", "prefixes whose address has bits beyond the mask"},
        {"E211", "characters of ids and names"},
    };
    return table;
}

/// Files whose fault has a code that a schema can see elsewhere, but not here: which members an event or a step needs
/// depends on its other members, and keys of maps are free texts.
inline const std::set<std::string>& files_beyond_schema() {
    static const std::set<std::string> files{
        "unknown_key_event.fb.json",   "missing_event_mode.fb.json", "missing_response.fb.json",
        "missing_event_value.fb.json", "set_value.fb.json",          "event_rotation_lasting.fb.json",
        "event_missing_pop.fb.json",   "event_prepend_text.fb.json", "asn_in_map.fb.json",
        "choice_allow.fb.json",        "variant_value.fb.json"};
    return files;
}

/// Whether the first fault of a file is one that its schema must see.
inline bool schema_must_refuse(const Case& one) {
    if (one.issues.empty()) return false;
    const std::string& code = one.issues.front().code;
    return code < "E300" && codes_beyond_schema().count(code) == 0 &&
           files_beyond_schema().count(std::filesystem::path(one.name).filename().string()) == 0;
}

/// Every scenario of a folder that is JSON, by name.
inline std::vector<Case> cases_in(const std::string& folder) {
    const std::string root = std::string(FIRSTBYTE_SOURCE_DIR) + "/";
    std::vector<Case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(root + folder)) {
        const std::string name = folder + "/" + entry.path().filename().string();
        if (!name.ends_with(".fb.json")) continue;
        const std::string text = text_of("../" + name);
        nlohmann::json document = nlohmann::json::parse(text, nullptr, false, true);
        if (document.is_discarded()) continue;
        cases.push_back({name, std::move(document), issues_of(text, {}, Purpose::Simulate, root + name)});
    }
    std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.name < b.name; });
    return cases;
}

} // namespace firstbyte::scenario_test
