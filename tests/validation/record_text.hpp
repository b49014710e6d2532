/// A record written for tests: one connection whose first SYN is lost, then a request of 400 B and a response of 500 B
/// at a round trip of 100 ms. Every time is the nominal one.
#pragma once

#include "validation/read_records.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace firstbyte::test {

inline nlohmann::json small_record() {
    return nlohmann::json::parse(R"({
      "id": "first-syn-lost", "title": "first SYN lost", "rtt_ms": 100, "rate_bps": 0, "qpkts": 1000,
      "sysctl": {"client": {}, "server": {}}, "listeners": [{"port": 8000, "tfo": 256}],
      "rules": [{"dir": "c2s", "match": "syn", "from": 1, "to": 1, "action": "drop"}],
      "notes": [], "runs": 1, "cookie_at_start": true,
      "conns": [{"conn": 0, "label": "", "steps": "q400/500", "opts": {"tfo": "sendto"}, "err": "",
        "client_events": [["start", 0], ["connected", 1100], ["first_byte", 1200], ["last_byte", 1200], ["close", 1200]]}],
      "packets": [
        {"t": 0,    "conn": 0, "dir": "c2s", "f": "S",  "seq": 0,   "len": 400, "tfo": "cookie:00000001", "act": "drop"},
        {"t": 1000, "conn": 0, "dir": "c2s", "f": "S",  "seq": 0,   "len": 0},
        {"t": 1050, "conn": 0, "dir": "s2c", "f": "SA", "seq": 0,   "len": 0,   "ack": 1},
        {"t": 1100, "conn": 0, "dir": "c2s", "f": "PA", "seq": 1,   "len": 400, "ack": 1},
        {"t": 1150, "conn": 0, "dir": "s2c", "f": "A",  "seq": 1,   "len": 0,   "ack": 401},
        {"t": 1150, "conn": 0, "dir": "s2c", "f": "PA", "seq": 1,   "len": 500, "ack": 401},
        {"t": 1200, "conn": 0, "dir": "c2s", "f": "A",  "seq": 401, "len": 0,   "ack": 501},
        {"t": 1200, "conn": 0, "dir": "c2s", "f": "FA", "seq": 401, "len": 0,   "ack": 501},
        {"t": 1250, "conn": 0, "dir": "s2c", "f": "FA", "seq": 501, "len": 0,   "ack": 402},
        {"t": 1300, "conn": 0, "dir": "c2s", "f": "A",  "seq": 402, "len": 0,   "ack": 502}],
      "counters_client": {"TCPFastOpenActiveFail": 1}, "counters_server": {}
    })");
}

inline validate::Timeline timeline_of(const nlohmann::json& record) {
    return validate::parse_timelines("[" + record.dump() + "]", "records.json").at(0);
}

} // namespace firstbyte::test
