/// Validators of JSON Schema that are not ours: ajv (npm) and valijson (C++). Each is asked where it is installed, and
/// says that it was skipped elsewhere; FIRSTBYTE_REQUIRE_AJV and FIRSTBYTE_REQUIRE_VALIJSON make that a failure.
#pragma once

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/temporary_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace firstbyte::test {

/// For each document why it does not fit; empty where it does.
using Reasons = std::vector<std::string>;

inline void not_there(const char* variable, const char* what) {
    if (std::getenv(variable) != nullptr) FAIL(what << ", and this run must not do without it");
    MESSAGE("skipped: " << what);
}

/// @param draft  "draft-07" or "2020-12"
/// @return nullopt where ajv is not installed
inline std::optional<Reasons> reasons_of_ajv(const char* draft, const nlohmann::json& schema,
                                             const std::vector<nlohmann::json>& documents) {
    const std::string folder = FIRSTBYTE_SOURCE_DIR "/tests/schema";
    if (!std::filesystem::exists(folder + "/node_modules/ajv") || std::system("node --version >/dev/null 2>&1") != 0) {
        not_there("FIRSTBYTE_REQUIRE_AJV", "ajv is not installed (npm ci --prefix tests/schema)");
        return std::nullopt;
    }
    const TemporaryFile input(nlohmann::json{{"draft", draft}, {"schema", schema}, {"documents", documents}}.dump());
    const TemporaryFile output("");
    const std::string command = "node '" + folder + "/check.mjs' '" + input.path() + "' >'" + output.path() + "'";
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream lines(output.path());
    Reasons reasons;
    for (std::string line; std::getline(lines, line);) reasons.push_back(line);
    REQUIRE(reasons.size() == documents.size());
    return reasons;
}

} // namespace firstbyte::test
