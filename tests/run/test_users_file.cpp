// Tables of users by AS: the forms that are read, and the place of what is wrong.

#include "run/users_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace firstbyte {
namespace {

std::vector<std::string> rows_of(const std::string& text) {
    std::vector<UsersFault> faults;
    std::vector<std::string> out;
    for (const AsUsers& row : parse_users(text, faults))
        out.push_back(std::to_string(row.number) + " " + row.country + " " +
                      std::to_string(static_cast<long long>(row.users)));
    for (const UsersFault& fault : faults)
        out.push_back(std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.message);
    return out;
}

} // namespace

TEST_CASE("users file: columns by name, in any order and with others between") {
    using Rows = std::vector<std::string>;
    CHECK(rows_of("asn,users\n3320,1000\n") == Rows{"3320  1000"});
    CHECK(rows_of("asn,cc,users\nAS3320,DE,1000\n3320,AT,5.5\n") == Rows{"3320 DE 1000", "3320 AT 5"});
    CHECK(rows_of("\xEF\xBB\xBFRank,ASN,Name,CC,Users\r\n1,AS1,\"Big, \"\"Net\"\"\",US,2e6\r\n\r\n# end\n") ==
          Rows{"1 US 2000000"});
    CHECK(rows_of("asn, users\n 1 , 7\n2,0") == Rows{"1  7", "2  0"});
}

TEST_CASE("users file: faults have line and column, and the other lines are read") {
    using Rows = std::vector<std::string>;
    struct Row {
        const char* text;
        Rows expected;
    };
    const Row rows[] = {
        {"", {"0:1: the file has no line with the names of its columns"}},
        {"3320,1000\n5,6\n", {"1:1: the first line names no column \"asn\": expected asn,users or asn,cc,users"}},
        {"asn,people\n1,2\n", {"1:1: the first line names no column \"users\": expected asn,users or asn,cc,users"}},
        {"asn,cc,users\n1,DE,2\n3320,D", {"1 DE 2", "3:7: expected 3 fields, found 2: the line is cut short or torn"}},
        {"asn,users\nx,2\n1,2\n", {"1  2", "2:1: \"x\" is not an AS number"}},
        {"asn,users\n0,2\n", {"2:1: \"0\" is not an AS number"}},
        {"asn,users\n4294967296,2\n", {"2:1: \"4294967296\" is not an AS number"}},
        {"asn,users\n1,many\n", {"2:3: \"many\" is not a number of users"}},
        {"asn,users\n12,-3\n", {"2:4: \"-3\" is not a number of users"}},
        {"asn,users\n12,nan\n", {"2:4: \"nan\" is not a number of users"}},
        {"asn,users\n12,\n", {"2:4: \"\" is not a number of users"}},
        {"asn,cc,users\n1,Germany,3\n", {"2:3: \"Germany\" is not a country code such as DE"}},
        {"asn,users\n\"1,2\n", {"2:5: the quoted text does not end in this line"}},
    };
    for (const Row& row : rows) CHECK_MESSAGE(rows_of(row.text) == row.expected, row.text);
}

} // namespace firstbyte
