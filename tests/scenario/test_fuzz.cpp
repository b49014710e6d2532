#include "scenario/support.hpp"

#include <cstdint>

using namespace firstbyte;
using namespace firstbyte::scenario_test;

namespace {

/// Knuth's MMIX generator: the same changes on every platform.
class Lcg {
public:
    explicit Lcg(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t limit) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>((state_ >> 33U) % limit);
    }

private:
    std::uint64_t state_;
};

/// A byte flipped, a piece cut out, a piece doubled, a piece moved, or the end cut off.
std::string changed(std::string text, Lcg& random) {
    const std::size_t changes = 1 + random.below(4);
    for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
        const std::size_t at = random.below(text.size()), length = 1 + random.below(12);
        switch (random.below(5)) {
        case 0: text[at] = static_cast<char>(random.below(256)); break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(random.below(text.size()), text.substr(at, length)); break;
        case 3: text[at] = "{}[]\",:0123456789.-eE%"[random.below(22)]; break;
        default:
            if (random.below(8) == 0) text.resize(at);
        }
    }
    return text;
}

} // namespace

TEST_CASE("fuzz: changed scenarios load or are refused with placed faults, and nothing else happens") {
    const std::size_t rounds = 400;
    Lcg random(20240607);
    for (const char* name :
         {"minimal", "rich", "first_synack_lost", "everything_built", "inline_topology", "synthetic_world"}) {
        const std::string text = text_of(std::string("scenario/") + name + ".fb.json");
        for (std::size_t i = 0; i < rounds; ++i) {
            const std::string input = changed(text, random);
            CAPTURE(name);
            CAPTURE(input);
            for (const Issue& issue : issues_of(input)) {
                CHECK(issue.line >= 1);
                CHECK(issue.column >= 1);
                CHECK(issue.length >= 1);
                CHECK(issue.code.size() == 4);
                CHECK_FALSE(issue.message.empty());
            }
        }
    }
}

TEST_CASE("fuzz: every shortened example is refused") {
    const std::string text = text_of("scenario/minimal.fb.json");
    const std::size_t end = text.find_last_of('}');
    for (std::size_t length = 0; length <= end; ++length) {
        CAPTURE(length);
        const std::vector<Issue> issues = issues_of(text.substr(0, length));
        REQUIRE(issues.size() == 1);
        CHECK(issues[0].code == "E101");
    }
}

TEST_CASE("fuzz: changed override values and paths are refused or taken") {
    const std::string text = text_of("scenario/minimal.fb.json");
    Lcg random(7);
    for (std::size_t i = 0; i < 1000; ++i) {
        const Override set{changed("origins.web.service_time", random),
                           changed(R"({"dist":"uniform","min":"1ms","max":"2ms"})", random)};
        CAPTURE(set.path);
        CAPTURE(set.value);
        for (const Issue& issue : issues_of(text, {set})) CHECK(issue.code.size() == 4);
    }
}
