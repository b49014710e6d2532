#include "parse_common.hpp"
#include "read_records.hpp"

#include <fmt/format.h>

#include <sstream>

namespace firstbyte::validate {
namespace {

Spread spread_of(const Fields& point, const char* name) {
    const Fields spread = point.object(name);
    return {spread.number("med", 0, ms_max), spread.number("min", 0, ms_max), spread.number("max", 0, ms_max)};
}

GridPoint point_of(const Fields& fields) {
    GridPoint point;
    point.set = fields.text("set");
    point.rtt_ms = fields.number("rtt_ms", 0, 60'000);
    point.rate_bps = fields.whole("rate_bps", 0, 1'000'000'000'000);
    point.queue_packets = static_cast<std::uint32_t>(fields.whole("qpkts", 1, count_max));
    point.congestion = fields.text("cc");
    point.request = static_cast<std::uint32_t>(fields.whole("req", 1, count_max));
    point.response = static_cast<std::uint32_t>(fields.whole("resp", 1, count_max));
    const std::string fast_open = fields.text("tfo");
    if (fast_open == "first")
        point.fast_open = GridPoint::FastOpen::First;
    else if (fast_open == "repeat")
        point.fast_open = GridPoint::FastOpen::Repeat;
    else if (fast_open != "off")
        fields.fail(fmt::format("\"tfo\" must be off, first or repeat, found \"{}\"", fast_open));
    if (fields.has("drop")) {
        const nlohmann::json& drop = fields.list("drop");
        const bool two = drop.size() == 2 && drop[0].is_number_unsigned() && drop[1].is_number_unsigned();
        if (!two || drop[0] < 1 || drop[1] < drop[0] || drop[1] > count_max)
            fields.fail("\"drop\" must be [first, last] with 1 <= first <= last");
        point.drop = {drop[0].get<std::uint32_t>(), drop[1].get<std::uint32_t>()};
    }
    point.ttfb_ms = spread_of(fields, "ttfb_ms");
    point.ttlb_ms = spread_of(fields, "ttlb_ms");
    point.data_up = spread_of(fields, "data_c2s");
    point.data_down = spread_of(fields, "data_s2c");
    point.counters_client = fast_open_counters(fields.object("counters_c"));
    point.counters_server = fast_open_counters(fields.object("counters_s"));
    if (fields.has("flights")) {
        for (const nlohmann::json& flight : fields.list("flights")) {
            if (!flight.is_array() || flight.size() != 2 || !flight[0].is_number() || !flight[1].is_number_unsigned())
                fields.fail("\"flights\" must be a list of [ms, segments]");
            point.flights.emplace_back(flight[0].get<double>(), flight[1].get<std::uint32_t>());
        }
    }
    return point;
}

} // namespace

std::vector<GridPoint> parse_grid(const std::string& text, const std::string& name) {
    std::vector<GridPoint> points;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const nlohmann::json node = parse_json(line, name, number);
        points.push_back(point_of({node, name, number, ""}));
        points.back().file = name;
        points.back().line = number;
    }
    return points;
}

} // namespace firstbyte::validate
