/// The pictures of README and docs are charts of reports: made by a command that stands beside them, and kept true.
#include "cli/program.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace fs = std::filesystem;

using firstbyte::test::contains;
using firstbyte::test::Folder;
using firstbyte::test::read_text;

namespace {

struct Picture {
    const char* file; ///< below docs/pictures
    const char* section;
    const char* command; ///< without its output
};

const Picture pictures[] = {
    {"saving-by-region.svg", "region",
     "compare scenarios/anycast-tfo.fb.json --toggle tcp.client_edge.fast_open --by country"},
    {"first-bytes.svg", "ttfb",
     "compare scenarios/anycast-tfo.fb.json --toggle tcp.client_edge.fast_open --by country"},
    {"idle-ages.svg", "reuse", "run scenarios/keepalive-mismatch.fb.json --variant node-post"},
    {"drain.svg", "region", "compare scenarios/maintenance-pairs.fb.json --by country"},
    {"convergence.svg", "catchment", "compare scenarios/pop-withdraw.fb.json"},
    {"timeouts.svg", "sweep",
     "sweep scenarios/slow-app.fb.json --set 'variants={}' --set 'thresholds=[]' --vary "
     "origins.web.service_time=60s,119s,121s,124s,126s --vary edge.profile=cloudflare,cloudflare-2025,ibm-cis "
     "--objective 'min rate(outcome{code=524})'"},
};

std::string found(const std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "";
    const std::size_t end = text.find(to, at);
    return text.substr(at, end + to.size() - at);
}

/// The first chart of a section as a file of its own: with its namespace, a page behind it, and the land of a map.
std::string picture_of(const std::string& html, const std::string& section) {
    const std::string part = found(html, "<section id=\"" + section + "\"", "</section>");
    std::string svg = found(part, "<svg class=\"chart\"", "</svg>");
    if (svg.empty()) svg = found(part, "<svg class=\"map\"", "</svg>");
    if (svg.empty()) return "";
    const std::string box = found(svg, "viewBox=\"", "\" ");
    std::smatch view;
    if (!std::regex_search(box, view, std::regex{"viewBox=\"(\\S+) (\\S+) (\\S+) (\\S+)\""})) return "";
    const std::string page = "<rect x=\"" + view.str(1) + "\" y=\"" + view.str(2) + "\" width=\"" + view.str(3) +
                             "\" height=\"" + view.str(4) + "\" fill=\"#fff\"/>\n";
    const bool land = contains(svg, "href=\"#land\"");
    const std::size_t inside = svg.find('>') + 1;
    svg.insert(inside, "\n" + page + (land ? found(html, "<defs><path id=\"land\"", "</defs>") : ""));
    svg.insert(4, " xmlns=\"http://www.w3.org/2000/svg\"");
    // What has no colour without the report's style.
    return std::regex_replace(svg, std::regex{"<line class=\"grid\"([^>]*)stroke=\"#888\""},
                              "<line class=\"grid\"$1stroke=\"#ddd\"") +
           "\n";
}

} // namespace

TEST_CASE("pictures: each is what its command draws, and a page shows it") {
    const Folder folder;
    fs::create_directory_symlink(fs::path{FIRSTBYTE_SOURCE_DIR} / "scenarios", folder / "scenarios");
    std::string pages = read_text(fs::path{FIRSTBYTE_SOURCE_DIR} / "README.md");
    for (const auto& page : fs::directory_iterator(fs::path{FIRSTBYTE_SOURCE_DIR} / "docs/questions"))
        pages += read_text(page.path());
    std::string made, html;
    for (const Picture& picture : pictures) {
        CAPTURE(picture.file);
        if (made != picture.command) {
            REQUIRE(folder.run(std::string{picture.command} + " --exit-zero -qq -o x.html").code == 0);
            html = read_text(folder / "x.html");
            made = picture.command;
        }
        const std::string drawn = picture_of(html, picture.section);
        CHECK(drawn.size() > 500);
        const fs::path file = fs::path{FIRSTBYTE_SOURCE_DIR} / "docs/pictures" / picture.file;
        if (std::getenv("FIRSTBYTE_UPDATE_GOLDEN") != nullptr) std::ofstream{file} << drawn;
        const bool same = read_text(file) == drawn;
        CHECK_MESSAGE(same, "FIRSTBYTE_UPDATE_GOLDEN=1 draws it anew");
        CHECK(contains(pages, std::string{"pictures/"} + picture.file));
    }
}
