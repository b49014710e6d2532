/// Nothing in the library may bring in what differs between two runs or two platforms: the wall clock, random numbers
/// that are not the project's own, and hashes and distributions that each standard library makes in its own way.

#include "house/source_tree.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace firstbyte::house {
namespace {

struct Rule {
    std::regex pattern;
    const char* reason;
};

const char* const wall_clock = "the wall clock differs from run to run; only the engine says what time it is";

const Rule rules[] = {
    {std::regex(R"(\b(system|steady|high_resolution|utc)_clock\b)"), wall_clock},
    {std::regex(R"(\b(clock_)?gettime(ofday)?\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\))"), wall_clock},
    {std::regex(R"(\brandom_device\b|\bmt19937|\bminstd_rand|\bdefault_random_engine\b|\bs?rand\s*\()"),
     "random numbers come from the project's named streams"},
    {std::regex(R"(\bstd::\w+_distribution\b)"), "each standard library has its own distributions"},
    {std::regex(R"(\bstd::hash\b)"), "each standard library has its own hashes"},
    {std::regex(R"(\b(s?size_t|u?intptr_t)>\s*\(\s*this\s*\)|\bstd::less<\s*(const\s+)?\w+\s*\*\s*>)"),
     "addresses differ from run to run"},
};

std::vector<std::string> determinism_faults(const SourceFile& file) {
    std::vector<std::string> faults;
    std::istringstream lines(file.text);
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const std::string code = line.substr(0, line.find("//"));
        for (const Rule& rule : rules) {
            std::smatch match;
            if (std::regex_search(code, match, rule.pattern)) {
                faults.push_back(fault(file, number, match.str() + ": " + rule.reason));
            }
        }
    }
    return faults;
}

} // namespace

TEST_CASE("determinism: the library uses nothing that differs between runs or platforms") {
    const std::vector<SourceFile> files = source_files({"include", "sim"});
    CHECK(!files.empty());
    for (const SourceFile& file : files) {
        for (const std::string& fault : determinism_faults(file)) FAIL_CHECK(fault);
    }
}

TEST_CASE("determinism: made-up lines that break the rule are found, and others are left alone") {
    struct Row {
        const char* line;
        bool forbidden;
    };
    const Row rows[] = {
        {"auto begin = std::chrono::steady_clock::now();", true},
        {"auto seed = time(nullptr);", true},
        {"clock_gettime(CLOCK_REALTIME, &now);", true},
        {"std::random_device device;", true},
        {"std::mt19937_64 generator{1};", true},
        {"int n = rand() % 6;", true},
        {"std::exponential_distribution<double> gap(rate);", true},
        {"return std::hash<std::string>{}(name);", true},
        {"std::map<Host*, int, std::less<Host*>> hosts;", true},
        {"// never std::hash: each platform has its own", false},
        {"SimClock::time_point at = engine.now();", false},
        {"Distribution distribution = Distribution::fixed(think_time);", false},
        {"const Duration round_trip_time = rtt_of(path);", false},
        {"Instant next_time(Index path);", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        CHECK(determinism_faults({"sim/core/made_up.cpp", row.line}).size() == (row.forbidden ? 1U : 0U));
    }
}

} // namespace firstbyte::house
