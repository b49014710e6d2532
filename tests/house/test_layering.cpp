/// Who may include whom: the table of docs/architecture.md, section "Folders".

#include "house/source_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace firstbyte::house {
namespace {

const std::map<std::string, std::set<std::string>> may_include = {
    {"core", {}},
    {"scenario", {"core"}},
    {"bgp", {"core"}},
    {"tcp", {"core"}},
    {"engine", {"core"}},
    {"net", {"core", "engine", "tcp"}},
    {"cdn", {"core", "engine", "tcp", "net"}},
    {"report", {"core"}},
    {"run", {"core", "scenario", "bgp", "tcp", "engine", "net", "cdn", "report"}},
};

/// What is wrong with one #include of a file in sim/; empty when nothing is.
std::string fault_in_layer(const std::string& layer, bool quoted, const std::string& target) {
    if (!quoted) return {};
    const std::size_t slash = target.find('/');
    const std::string folder = slash == std::string::npos ? "" : target.substr(0, slash);
    if (folder == "firstbyte" || folder == layer) return {};
    if (!may_include.contains(folder)) return "\"" + target + "\" names no layer; write \"layer/file.hpp\"";
    if (may_include.at(layer).contains(folder)) return {};
    return "layer " + layer + " may not include layer " + folder + " (\"" + target + "\")";
}

/// A public header shows nothing but the standard library and other public headers.
std::string fault_in_public_header(bool quoted, const std::string& target) {
    const bool ours = quoted && target.starts_with("firstbyte/");
    const bool standard = !quoted && target.find_first_of("/.") == std::string::npos;
    return ours || standard ? "" : "a public header may not include " + target;
}

/// Comparisons ask what no public header shows: routes to any AS of the graph, a component that a closed formula is
/// about (estimators and memories of TCP, what each request of a world asks for). They look, and wire nothing together.
std::string fault_in_validation(bool quoted, const std::string& target) {
    const std::string folder = target.substr(0, target.find('/'));
    const bool own = target.find('/') == std::string::npos;
    static const std::set<std::string> looked_at{"firstbyte", "bgp", "core", "tcp", "cdn", "run"};
    if (!quoted || own || looked_at.contains(folder)) return {};
    return "validation may include bgp, core, tcp, cdn and run only, not \"" + target + "\"";
}

/// The program uses what anybody can use, its own files, and the generated version.
std::string fault_in_program(bool quoted, const std::string& target) {
    const bool own = target.find('/') == std::string::npos;
    if (!quoted || own || target.starts_with("firstbyte/") || target == "core/version.hpp") return {};
    return "the program may not include the internal \"" + target + "\"";
}

std::string fault_of_include(const std::string& path, bool quoted, const std::string& target) {
    static const std::regex layer_of("sim/([^/]+)/.*");
    std::smatch match;
    if (path.starts_with("include/")) return fault_in_public_header(quoted, target);
    if (path.starts_with("tools/validation/")) return fault_in_validation(quoted, target);
    if (path.starts_with("tools/")) return fault_in_program(quoted, target);
    if (!std::regex_match(path, match, layer_of) || !may_include.contains(match[1])) return "is in no known layer";
    return fault_in_layer(match[1], quoted, target);
}

std::vector<std::string> layering_faults(const SourceFile& file) {
    static const std::regex include(R"re(\s*#\s*include\s*(["<])([^">]+)[">].*)re");
    std::vector<std::string> faults;
    std::istringstream lines(file.text);
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        std::smatch match;
        if (!std::regex_match(line, match, include)) continue;
        const std::string what = fault_of_include(file.path, match[1] == "\"", match[2]);
        if (!what.empty()) faults.push_back(fault(file, number, what));
    }
    return faults;
}

} // namespace

TEST_CASE("layering: no file includes a layer that it may not know") {
    const std::vector<SourceFile> files = source_files({"include", "sim", "tools"});
    std::size_t includes = 0;
    for (const SourceFile& file : files) {
        if (file.text.find("#include") != std::string::npos) ++includes;
        for (const std::string& fault : layering_faults(file)) FAIL_CHECK(fault);
    }
    CHECK(includes > 0); // else this test reads the wrong folder
}

TEST_CASE("layering: a made-up file that breaks the rule is named, with the line and both layers") {
    struct Row {
        const char* name;
        const char* path;
        const char* text;
        const char* fault; // empty: none
    };
    const Row rows[] = {
        {"two of the five that do not know one another", "sim/bgp/a.cpp", "#include \"tcp/segment.hpp\"\n",
         "sim/bgp/a.cpp:1: layer bgp may not include layer tcp (\"tcp/segment.hpp\")"},
        {"core knows nobody", "sim/core/a.hpp", "#pragma once\n\n#include \"engine/event.hpp\"\n",
         "sim/core/a.hpp:3: layer core may not include layer engine (\"engine/event.hpp\")"},
        {"calls go down only", "sim/net/a.cpp", "  #  include \"cdn/client.hpp\" // why\n",
         "sim/net/a.cpp:1: layer net may not include layer cdn (\"cdn/client.hpp\")"},
        {"around the rule by a relative path", "sim/tcp/a.cpp", "#include \"../net/link.hpp\"\n",
         "sim/tcp/a.cpp:1: \"../net/link.hpp\" names no layer; write \"layer/file.hpp\""},
        {"an unknown layer", "sim/util/a.cpp", "#include \"core/check.hpp\"\n",
         "sim/util/a.cpp:1: is in no known layer"},
        {"Boost in a public header", "include/firstbyte/a.hpp", "#include <boost/graph/adjacency_list.hpp>\n",
         "include/firstbyte/a.hpp:1: a public header may not include boost/graph/adjacency_list.hpp"},
        {"JSON in a public header", "include/firstbyte/a.hpp", "#include <nlohmann/json.hpp>\n",
         "include/firstbyte/a.hpp:1: a public header may not include nlohmann/json.hpp"},
        {"internals in a public header", "include/firstbyte/a.hpp", "#include \"core/check.hpp\"\n",
         "include/firstbyte/a.hpp:1: a public header may not include core/check.hpp"},
        {"internals in the program", "tools/a.cpp", "#include \"run/world_data.hpp\"\n",
         "tools/a.cpp:1: the program may not include the internal \"run/world_data.hpp\""},
        {"packets in a comparison", "tools/validation/a.cpp", "#include \"net/host.hpp\"\n",
         "tools/validation/a.cpp:1: validation may include bgp, core, tcp, cdn and run only, not \"net/host.hpp\""},

        {"one's own layer", "sim/tcp/a.cpp", "#include \"tcp/segment.hpp\"\n", ""},
        {"what the table allows", "sim/cdn/a.cpp", "#include \"net/host.hpp\"\n#include \"tcp/segment.hpp\"\n", ""},
        {"public headers, from anywhere", "sim/core/a.cpp", "#include \"firstbyte/units.hpp\"\n", ""},
        {"libraries, from the implementation", "sim/bgp/a.cpp", "#include <boost/graph/adjacency_list.hpp>\n", ""},
        {"run knows all", "sim/run/a.cpp", "#include \"bgp/routes.hpp\"\n#include \"report/text.hpp\"\n", ""},
        {"the program's own header and the version", "tools/a.cpp",
         "#include \"command.hpp\"\n#include \"core/version.hpp\"\n#include <CLI/CLI.hpp>\n", ""},
        {"routes in a comparison", "tools/validation/a.cpp", "#include \"bgp/propagation.hpp\"\n", ""},
        {"a sentence about including", "sim/bgp/a.cpp", "// never #include \"tcp/segment.hpp\" here\n", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const std::string expected = row.fault;
        const std::vector<std::string> faults = layering_faults({row.path, row.text});
        CHECK(faults == (expected.empty() ? std::vector<std::string>{} : std::vector<std::string>{expected}));
    }
}

} // namespace firstbyte::house
