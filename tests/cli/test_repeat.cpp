/// The command that a report keeps makes the same report again.
#include "cli/program.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <utility>

using firstbyte::test::contains;
using firstbyte::test::Folder;
using firstbyte::test::read_text;
using firstbyte::test::small_scenario;

namespace {

/// The command that the section Method of a page names, as a shell reads it.
std::string command_in(const std::string& page) {
    const std::string before = "<dt>command</dt><dd><code>";
    const std::size_t from = page.find(before);
    REQUIRE(from != std::string::npos);
    std::string out = page.substr(from + before.size(), page.find("</code>", from) - from - before.size());
    for (const auto& [reference, character] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
        out = std::regex_replace(out, std::regex{reference}, character);
    return out;
}

/// The page that the same arguments, as they are kept, give again.
std::string page_again(const Folder& folder, const std::string& page) {
    const std::string command = command_in(page);
    REQUIRE(command.starts_with("firstbyte "));
    REQUIRE(folder.run(command.substr(10) + " -qq --exit-zero -o again.html").code == 0);
    return read_text(folder / "again.html");
}

} // namespace

TEST_CASE("report: the section Method names the command that makes the same page again") {
    const Folder folder;
    folder.write("my file.fb.json", small_scenario());
    const auto page = [&](const std::string& arguments, const std::string& environment = "") {
        REQUIRE(folder.run(arguments + " -qq -o r.html", environment).code == 0);
        return read_text(folder / "r.html");
    };
    const std::string run =
        page("run -j 2 --format csv --set edge.processing=2ms 'my file.fb.json' --seed 7 --color never");
    CHECK(command_in(run) == "firstbyte run 'my file.fb.json' --set edge.processing=2ms --seed 7");
    CHECK(page_again(folder, run) == run);
    CHECK(page("run -j 1 --set edge.processing=2ms 'my file.fb.json' --seed 7") == run);

    const std::string compare =
        page("compare 'my file.fb.json' --toggle tcp.client_edge.fast_open --replications=3 --reverse-check");
    CHECK(command_in(compare) == "firstbyte compare 'my file.fb.json' --toggle tcp.client_edge.fast_open "
                                 "--replications 3 --reverse-check");
    CHECK(page_again(folder, compare) == compare);

    const std::string drawn = page("run 'my file.fb.json' --seed random");
    CHECK_FALSE(contains(command_in(drawn), "random"));
    CHECK(page_again(folder, drawn) == drawn);
    CHECK(command_in(page("run 'my file.fb.json'", "FIRSTBYTE_SEED=9")) == "firstbyte run 'my file.fb.json' --seed 9");
}
