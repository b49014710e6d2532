// AS graphs in GraphML: what is read, and that no malformed document does more than being refused.

#include "bgp/graphml.hpp"

#include "core/cities.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

const std::string keys = R"(<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="asn" attr.type="long"/>
  <key id="d1" for="node" attr.name="country" attr.type="string"/>
  <key id="d2" for="node" attr.name="lat" attr.type="double"/>
  <key id="d3" for="node" attr.name="lon" attr.type="double"/>
  <key id="d4" for="node" attr.name="users" attr.type="long"/>
  <key id="d5" for="edge" attr.name="relation" attr.type="string"><default>p2c</default></key>
  <key id="d6" for="edge" attr.name="rel" attr.type="int"/>
  <key id="d7" for="node" attr.name="kind" attr.type="string"/>
)";

std::string document(const std::string& graph) {
    return keys + "  <graph edgedefault=\"directed\">\n" + graph + "  </graph>\n</graphml>\n";
}

std::vector<std::string> faults_of(const std::string& text) {
    std::vector<LineFault> faults;
    static_cast<void>(parse_graphml(text, faults));
    std::vector<std::string> out;
    for (const LineFault& fault : faults)
        out.push_back((fault.line == 0 ? std::string{} : std::to_string(fault.line) + ": ") + fault.message);
    return out;
}

using Links = std::vector<std::pair<AsNumber, AsNumber>>;

} // namespace

TEST_CASE("GraphML: numbers, places, users and relations of every spelling") {
    std::vector<LineFault> faults;
    const GraphmlTopology read = parse_graphml(document(R"(
      <!-- a comment <with> a tag -->
      <node id="n0"><data key="d0">174</data><data key="d2">50.11</data><data key="d3">8.68</data></node>
      <node id="AS3356"><data key="d1">US</data><data key="d4">1200</data><data key="d7">hosting</data></node>
      <node id="64510"><data key="d0">64510.0</data></node>
      <node id="64511"/>
      <edge source="n0" target="AS3356"><data key="d5">p2p</data></edge>
      <edge source="n0" target="64510"/>
      <edge source="64510" target="AS3356"><data key="d5">c2p</data></edge>
      <edge source="AS3356" target="64511" directed="false"><data key="d5"/><data key="d6">-1</data></edge>
      <edge source="64510" target="64511"><data key="d5"/><data key="d6">0</data></edge>
)"),
                                               faults);
    CHECK(faults.empty());
    CHECK(read.links.peers == Links{{174, 3356}, {64510, 64511}});
    CHECK(read.links.provider_customer == Links{{174, 64510}, {3356, 64510}, {3356, 64511}});
    REQUIRE(read.systems.size() == 4);
    CHECK(read.systems[0].number == 174);
    CHECK(read.systems[0].country == "DE");
    REQUIRE(read.systems[0].cities.size() == 1);
    CHECK(cities()[read.systems[0].cities[0]].name == "Frankfurt am Main");
    CHECK(read.systems[0].kind == AsKind::Isp); // it has customers
    CHECK(read.systems[1].users == 1200);
    CHECK(read.systems[1].kind == AsKind::Hosting);
    REQUIRE(read.systems[1].cities.size() == 1);
    CHECK(cities()[read.systems[1].cities[0]].name == "New York City"); // the largest of the country
    CHECK(read.systems[2].number == 64510);
    CHECK(read.systems[2].cities.empty());
    CHECK(read.systems[2].kind == AsKind::Edge);
}

TEST_CASE("GraphML: nested graphs belong to the one graph, and an AS without links is there") {
    std::vector<LineFault> faults;
    const GraphmlTopology read = parse_graphml(document(R"(
      <node id="1"><graph edgedefault="undirected"><node id="2"/><node id="3"/><edge source="2" target="3"/></graph></node>
)"),
                                               faults);
    CHECK(faults.empty());
    CHECK(read.systems.size() == 3);
    CHECK(read.links.provider_customer == Links{{2, 3}});
    CHECK(AsGraph(read.links).node_count() == 3);
}

TEST_CASE("GraphML: what is missing or wrong is told with its node or edge") {
    const std::string two = "<node id=\"1\"/><node id=\"2\"/>";
    const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
        {"<node id=\"paris\"/>", {"node \"paris\": has no `asn`, and its id is not an AS number"}},
        {"<node id=\"paris\"/><node id=\"2\"/><edge source=\"paris\" target=\"2\"/>",
         {"node \"paris\": has no `asn`, and its id is not an AS number"}},
        {"<node id=\"a\"><data key=\"d0\">4294967296</data></node>",
         {"node \"a\": asn \"4294967296\" is not an AS number"}},
        {"<node id=\"0\"/>", {"node \"0\": has no `asn`, and its id is not an AS number"}},
        {"<node/>", {"a <node> has no id"}},
        {"<node id=\"1\"/><node id=\"1\"/>", {"node \"1\" is there twice"}},
        {"<node id=\"1\"/><node id=\"AS1\"/>", {"node \"AS1\": node \"1\" is AS1 too"}},
        {"<node id=\"1\"><data key=\"d2\">50</data></node>", {"node \"1\": has `lat` without `lon`"}},
        {"<node id=\"1\"><data key=\"d2\">91</data><data key=\"d3\">8</data></node>",
         {"node \"1\": lat \"91\" is not -90 to 90"}},
        {"<node id=\"1\"><data key=\"d2\">9</data><data key=\"d3\">nan</data></node>",
         {"node \"1\": lon \"nan\" is not -180 to 180"}},
        {"<node id=\"1\"><data key=\"d1\">Germany</data></node>",
         {"node \"1\": country \"Germany\" is not a code such as DE"}},
        {"<node id=\"1\"><data key=\"d4\">-1</data></node>", {"node \"1\": users \"-1\" is not a number of users"}},
        {"<node id=\"1\"><data key=\"d7\">school</data></node>",
         {"node \"1\": kind \"school\" is none of isp, edge, hosting, institution"}},
        {"<node id=\"1\"><data key=\"d99\">x</data></node>",
         {"node \"1\": no <key> declares the id \"d99\" of its data"}},
        {two + "<edge source=\"1\" target=\"2\"/><edge source=\"1\" target=\"3\"/>",
         {"edge 2 (\"1\" to \"3\"): there is no node \"3\""}},
        {two + "<edge source=\"1\" target=\"2\"><data key=\"d5\"/></edge>",
         {"edge 1 (\"1\" to \"2\"): has no `relation` (p2c, c2p or p2p)"}},
        {two + "<edge source=\"1\" target=\"2\"><data key=\"d5\">friends</data></edge>",
         {"edge 1 (\"1\" to \"2\"): relation \"friends\" is none of p2c (-1), c2p, p2p (0)"}},
    };
    for (const auto& row : rows) CHECK_MESSAGE(faults_of(document(row.first)) == row.second, row.first);
}

TEST_CASE("GraphML: a document that is none is refused, with the line where the parser knows it") {
    CHECK(faults_of("<graph/>") == std::vector<std::string>{"the root element is not <graphml>"});
    CHECK(faults_of("<graphml/>") == std::vector<std::string>{"there is no <graph>"});
    for (const std::string text :
         {"", "174|3356|-1\n", "<graphml>\n<graph>\n</graphml>", "<graphml", "\xFF\xFE<\0g\0", "{}"}) {
        CAPTURE(text);
        CHECK(faults_of(text).size() == 1);
    }
    const std::vector<std::string> torn = faults_of("<graphml>\n<graph>\n<node id=\"1\"></graph>\n</graphml>\n");
    REQUIRE(torn.size() == 1);
    CHECK(torn.front().rfind("3: not XML: ", 0) == 0);
}

TEST_CASE("GraphML: a document cut anywhere, and one nested without end, is refused and nothing worse") {
    const std::string whole = document("<node id=\"1\"/><node id=\"2\"/><edge source=\"1\" target=\"2\"/>\n");
    CHECK(faults_of(whole).empty());
    for (std::size_t length = 0; length + 12 < whole.size(); ++length)
        CHECK_MESSAGE(!faults_of(whole.substr(0, length)).empty(), length);
    std::string deep = "<graphml>\n";
    for (int level = 0; level < 200'000; ++level) deep += "<graph>";
    const std::vector<std::string> refused = faults_of(deep);
    REQUIRE(refused.size() == 1);
    CHECK(refused.front() == "2: elements are nested deeper than 100 levels");
}

} // namespace firstbyte::bgp
