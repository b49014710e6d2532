// CAIDA's relationship files, serial-1 and serial-2, plain and compressed.

#include "bgp/caida.hpp"
#include "core/data_files.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

using Pairs = std::vector<std::pair<AsNumber, AsNumber>>;

/// A file that is gone when the test ends.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& bytes)
        : path_(std::filesystem::temp_directory_path() / "firstbyte-test-as-rel") {
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

template <class Compressor>
std::string compressed(const std::string& text) {
    namespace io = boost::iostreams;
    std::ostringstream packed;
    io::filtering_streambuf<io::input> chain;
    chain.push(Compressor());
    chain.push(io::array_source(text.data(), text.size()));
    io::copy(chain, packed);
    return packed.str();
}

const std::string sample = "# source: a comment\n1|11537|0\n3356|64501|-1\n3356|4200000000|-1\n";

} // namespace

TEST_CASE("caida: serial-1 and serial-2 lines, comments, line ends") {
    struct Row {
        const char* name;
        std::string text;
        Pairs provider_customer, peers;
    };
    const Row rows[] = {
        {"serial-1", sample, {{3356, 64501}, {3356, 4'200'000'000}}, {{1, 11537}}},
        {"serial-2 has a fourth field", "2|3|-1|bgp\n4|5|0|mlp\n", {{2, 3}}, {{4, 5}}},
        {"last line without an end", "2|3|-1", {{2, 3}}, {}},
        {"carriage returns", "2|3|-1\r\n4|5|0|bgp\r\n", {{2, 3}}, {{4, 5}}},
        {"empty lines and nothing but comments", "\n# 1|2|0\n\n", {}, {}},
        {"empty", "", {}, {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        std::vector<LineFault> faults;
        const AsLinks links = parse_as_relationships(row.text, faults);
        CHECK(faults.empty());
        CHECK(links.provider_customer == row.provider_customer);
        CHECK(links.peers == row.peers);
    }
}

TEST_CASE("caida: a line that is no relationship is told with its number and adds nothing") {
    const char* const lines[] = {"1|2",        "1|2|",   "1|2|1",  "1|2|-2", "one|2|0", "1|two|0", "1,2,0",
                                 "4294967296|2|0", "-1|2|0", "1||0", " 1|2|0", "1|2|0 ", "<html>"};
    for (const char* line : lines) {
        CAPTURE(line);
        std::vector<LineFault> faults;
        const AsLinks links = parse_as_relationships("# a comment\n" + std::string(line) + "\n7|8|0\n", faults);
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].line == 2);
        CHECK(links.provider_customer.empty());
        CHECK(links.peers == Pairs{{7, 8}});
    }
}

TEST_CASE("caida: plain, gzip and xz files are told apart by their content") {
    const std::string forms[] = {sample, compressed<boost::iostreams::gzip_compressor>(sample),
                                 compressed<boost::iostreams::lzma_compressor>(sample)};
    for (const std::string& bytes : forms) {
        CAPTURE(bytes.size());
        const TemporaryFile file(bytes);
        std::vector<LineFault> faults;
        const AsLinks links = read_as_relationships(file.path(), faults);
        CHECK(faults.empty());
        CHECK(links.provider_customer.size() == 2);
        CHECK(links.peers.size() == 1);
    }
}

TEST_CASE("caida: damaged and missing files") {
    std::vector<LineFault> faults;
    CHECK_THROWS_AS(static_cast<void>(read_as_relationships("no-such-file", faults)), std::runtime_error);
    const std::string packed[] = {compressed<boost::iostreams::gzip_compressor>(sample),
                                  compressed<boost::iostreams::lzma_compressor>(sample)};
    for (const std::string& whole : packed) {
        CAPTURE(whole.size());
        const TemporaryFile file(whole.substr(0, whole.size() / 2));
        CHECK_THROWS_AS(static_cast<void>(read_as_relationships(file.path(), faults)), std::runtime_error);
    }
}

} // namespace firstbyte::bgp
