/// `firstbyte topo`: what it writes, what it measures, and how it refuses.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace firstbyte::test;
using nlohmann::json;

TEST_CASE("cli: topo generate writes a graph that topo info and scenarios read, plain and packed") {
    const Folder folder;
    const Finished plain = folder.run("topo generate --ases 300 --seed 4");
    CHECK(plain.code == 0);
    CHECK(plain.err.empty());
    CHECK(plain.out.rfind("# Made-up Internet of 300 ASes", 0) == 0);
    const Finished packed = folder.run("topo generate --ases 300 --seed 4 -o graph.txt.gz");
    CHECK(packed.code == 0);
    CHECK(packed.out.empty());
    CHECK(folder.run("topo generate --ases 300 --seed 4 -o graph.txt -qq").err.empty());
    CHECK(read_text(folder / "graph.txt") == plain.out);

    const Finished stats = folder.run("topo info graph.txt.gz --destinations 20 --format json");
    CHECK(stats.code == 0);
    const json found = json::parse(stats.out);
    CHECK(found.at("ases") == 300);
    CHECK(found.at("paths").at("destinations") == 20);
    CHECK(folder.run("topo info graph.txt --destinations 20 --format json").out == stats.out);
    const Finished text = folder.run("topo info graph.txt --destinations 20");
    CHECK(contains(text.out, "stubs (no customers)"));
    for (const std::string& line : lines_of(text.out)) CHECK_MESSAGE(line.size() <= 80, line);

    folder.write("s.fb.json", R"({ "format": 1, "name": "s", "topology": { "as_relationships": "graph.txt.gz" },
      "pops": [ { "id": "a", "upstreams": [1] } ] })");
    CHECK(folder.run("catchment s.fb.json --all-ases --format json").code == 0);
}

TEST_CASE("cli: topo convert keeps every link, in an order that does not depend on the file") {
    const Folder folder;
    folder.write("a.txt", "# comment\n20|10|-1\n30|10|0|bgp\n20|30|-1\n");
    folder.write("b.txt", "20|30|-1\n10|30|0\n20|10|-1\n");
    const Finished a = folder.run("topo convert a.txt"), b = folder.run("topo convert b.txt");
    CHECK(a.code == 0);
    CHECK(a.out == "# <provider-as>|<customer-as>|-1\n# <peer-as>|<peer-as>|0\n10|30|0\n20|10|-1\n20|30|-1\n");
    CHECK(b.out == a.out);
}

TEST_CASE("cli: topo says what is wrong with its arguments (2), with a file (1), and with what a file holds (3)") {
    const Folder folder;
    folder.write("torn.txt", "1|2|-1\n1|\n");
    folder.write("torn.graphml", "<graphml>\n<graph>\n</graphml>\n");
    struct Row {
        std::string arguments;
        int code;
        std::string sentence;
    };
    const Row rows[] = {
        {"topo", 2, "ACTION is required"},
        {"topo measure", 2, "\"measure\" is none of generate, info, convert"},
        {"topo convert", 2, "convert needs a file, or builtin:internet-2018"},
        {"topo generate", 2, "generate needs a size, such as --ases 1000"},
        {"topo generate --ases 19", 2, "--ases: \"19\" is not a whole number from 20 to 1000000"},
        {"topo generate --ases many", 2, "--ases: \"many\" is not a whole number"},
        {"topo generate --ases 20 --seed -1", 2, "--seed: \"-1\" is not a whole number"},
        {"topo generate --ases 20 file", 2, "one argument too many: \"file\""},
        {"topo info", 2, "info needs a file, or builtin:internet-2018"},
        {"topo info nowhere.txt", 1, "cannot open the file \"nowhere.txt\""},
        {"topo info builtin:internet-1999", 1, "there is builtin:internet-2018"},
        {"topo info torn.txt", 3, "torn.txt:2: expected 3 fields"},
        {"topo info torn.graphml", 3, "torn.graphml:3: not XML"},
        {"topo generate --ases 20 -o no/where.txt", 1, "cannot write no/where.txt"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished run = folder.run(row.arguments);
        CHECK(run.code == row.code);
        CHECK(run.out.empty());
        CHECK_MESSAGE(contains(run.err, row.sentence), run.err);
    }
}
