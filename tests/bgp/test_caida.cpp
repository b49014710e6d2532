// CAIDA's relationship files, serial-1 and serial-2, plain and compressed.

#include "bgp/caida.hpp"
#include "core/data_files.hpp"
#include "core/mix.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
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
    explicit TemporaryFile(const std::string& bytes, const char* ending = "")
        : path_(std::filesystem::temp_directory_path() / ("firstbyte-test-as-rel" + std::string(ending))) {
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
        {"a byte order mark", "\xEF\xBB\xBF# first\n2|3|-1\n", {{2, 3}}, {}},
        {"numbers of 32 bits on both sides", "4294967295|4200000001|-1|bgp\n", {{4'294'967'295, 4'200'000'001}}, {}},
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
    const char* const lines[] = {"1|2",     "1|2|",   "1|2|1",          "1|2|-2",         "one|2|0",
                                 "1|two|0", "1,2,0",  "4294967296|2|0", "-1|2|0",         "1||0",
                                 " 1|2|0",  "1|2|0 ", "<html>",         "1|2|0|bgp|2018", "|||"};
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

TEST_CASE("caida: the message says what is wrong with a line") {
    struct Row {
        const char* line;
        const char* told;
    };
    const Row rows[] = {
        {"1,2,0", "3 fields (serial-1) or 4 (serial-2)"},
        {"1|2", "found 2 in \"1|2\""},
        {"1|2|0|bgp|2018", "found 5"},
        {"AS1|2|0", "expected an AS number, found \"AS1\""},
        {"1|4294967296|0", "at most 4294967295"},
        {"1|2|2", "expected the relationship -1 (provider to customer) or 0 (peers), found \"2\""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        std::vector<LineFault> faults;
        static_cast<void>(parse_as_relationships("5|6|0\r\n" + std::string(row.line) + "\r\n7|8|0\r\n", faults));
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].line == 2);
        CHECK(faults[0].message.find(row.told) != std::string::npos);
        CHECK(faults[0].message.find("cut short") == std::string::npos);
    }
    std::vector<LineFault> faults;
    static_cast<void>(parse_as_relationships("5|6|0\n7|8", faults)); // no line end
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].message.find("cut short") != std::string::npos);
}

TEST_CASE("caida: plain, gzip, xz and bzip2 files are told apart by their content") {
    const std::string forms[] = {sample, compressed<boost::iostreams::gzip_compressor>(sample),
                                 compressed<boost::iostreams::lzma_compressor>(sample),
                                 compressed<boost::iostreams::bzip2_compressor>(sample)};
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

namespace {

/// What is thrown for a file of these bytes.
std::string complaint(const std::string& bytes, const char* ending = "") {
    const TemporaryFile file(bytes, ending);
    std::vector<LineFault> faults;
    try {
        static_cast<void>(read_as_relationships(file.path(), faults));
    } catch (const std::runtime_error& fault) {
        return fault.what();
    }
    return "nothing";
}

bool tells(const std::string& complaint, const std::string& text) { return complaint.find(text) != std::string::npos; }

} // namespace

TEST_CASE("caida: damaged, missing and empty files, each told apart") {
    std::vector<LineFault> faults;
    CHECK_THROWS_AS(static_cast<void>(read_as_relationships("no-such-file", faults)), std::runtime_error);
    std::string text;
    for (std::uint32_t line = 0; line < 20'000; ++line)
        text += std::to_string(mix64(line) % 65'536) + "|" + std::to_string(line) + "|-1\n";
    const std::string packed[] = {compressed<boost::iostreams::gzip_compressor>(text),
                                  compressed<boost::iostreams::lzma_compressor>(text),
                                  compressed<boost::iostreams::bzip2_compressor>(text)};
    for (const std::string& whole : packed) {
        CAPTURE(whole.size());
        for (const std::size_t left : {whole.size() / 1000, whole.size() / 2, whole.size() - 4}) {
            CAPTURE(left);
            CHECK(tells(complaint(whole.substr(0, left)), "cut short somewhere after line "));
        }
        CHECK_FALSE(tells(complaint(whole.substr(0, whole.size() - 4)), "line 0 ")); // most of it was read
        std::string flipped = whole;
        flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x55);
        CHECK(tells(complaint(flipped), "is damaged"));
    }
    CHECK(tells(complaint(""), "is empty"));
    CHECK(tells(complaint(compressed<boost::iostreams::gzip_compressor>("")), "is empty"));
    CHECK(tells(complaint("# 20180501\n\n"), "comments and empty lines only"));
    for (const char* ending : {".xz", ".gz", ".bz2"})
        CHECK(tells(complaint("<html>404 Not Found</html>", ending), "holds something else"));
    CHECK(complaint(sample, ".txt") == "nothing");
}

} // namespace firstbyte::bgp
