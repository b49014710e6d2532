/// Numbers and text out of results: summaries, comparisons with intervals, thresholds, traces, catchments.
#pragma once

#include "firstbyte/catchment.hpp"
#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/topology.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte {

/// One variant's name and what it did. `results` must outlive the report's making.
struct VariantResults {
    std::string name;
    std::string label; ///< short heading for tables: "off", "on", or the name
    bool baseline = false;
    const Results* results = nullptr;
    const Scenario* scenario = nullptr; ///< that was run; null: the report's
};

/// How compare breaks its numbers down.
enum class GroupBy : std::uint8_t { Rtt, Region, Country, Pop, Client };

struct ReportOptions {
    std::uint64_t seed = 1;
    bool judge_thresholds = true;
    GroupBy by = GroupBy::Rtt;
    bool by_given = false;
    double confidence = 0;  ///< 0: the scenario's
    double min_effect = 0;  ///< a change within this share of the baseline does not matter
    bool paired = true;     ///< the variants have the seeds of their replications in common
    std::size_t pilot = 0;  ///< replications that decided how many to run; 0: their number was given
    bool quantiles = false; ///< compare shows every quantile of the scenario
    bool complete = true;   ///< false: interrupted before every replication had run
};

/// How narrow the interval of the change of the time to first byte is to be: half of it, over the baseline's value.
struct Precision {
    double quantile = 0; ///< 0..1; 0: of the mean
    double share = 0.01;
};

/// A threshold and how it came out.
struct ThresholdResult {
    enum class Status : std::uint8_t { Passed, Failed, Warned, Skipped };
    const Threshold* threshold = nullptr;
    std::string variant;
    Status status = Status::Passed;
    double value = 0;          ///< in the unit of Threshold::value
    std::uint64_t samples = 0; ///< 0: fails at any level
    std::string reason;        ///< "needs `compare`", "0 samples", "35 % over"
};

/// Everything that `run` and `compare` print or store. Points into the scenario and the results it was made from.
struct Report {
    const Scenario* scenario = nullptr;
    std::vector<VariantResults> variants; ///< baseline first; one in a run
    ReportOptions options;
    std::vector<ThresholdResult> thresholds;
    [[nodiscard]] bool threshold_failed() const; ///< an error-level threshold failed: exit code 99
};

/// Merges, judges thresholds, and keeps what the writers below need. One variant: a run; more: a comparison.
[[nodiscard]] Report make_report(const Scenario& scenario, std::vector<VariantResults> variants,
                                 const ReportOptions& options);

/// Replications that give every variant of a comparison that precision, computed from this one as the pilot (C. Stein,
/// 1945): at least as many as it has, at most `most`. The report on all of them is to have `pilot` in its options.
[[nodiscard]] std::size_t replications_needed(const Report& pilot, const Precision& wanted, std::size_t most);

/// Whether a second comparison, with roles swapped and other seeds, says the same the other way round.
[[nodiscard]] std::string reverse_check_text(const Report& forward, const Report& reversed);

[[nodiscard]] std::string run_text(const Report& report);     ///< the summary block of `run`
[[nodiscard]] std::string compare_text(const Report& report); ///< verdict, table, groups
[[nodiscard]] std::string result_json(const Report& report);  ///< result.json, format 1; same bytes for same input

[[nodiscard]] std::string trace_text(const std::vector<TraceConnection>& traces);
[[nodiscard]] std::string trace_json(const std::vector<TraceConnection>& traces);
/// One Mermaid sequence diagram; runs of data packets are one arrow, bare ACKs are left out.
[[nodiscard]] std::string trace_mermaid(const std::vector<TraceConnection>& traces);
/// A capture file that Wireshark reads (pcapng 1.0, raw IPv4, nanoseconds): one interface per client group and PoP,
/// each packet at the time its sender sends it, lost ones too, with a comment. Addresses, ports and flags are the
/// connection's; payload is made up, of the packet's length.
/// @param epoch_seconds  Unix time at which the run starts
[[nodiscard]] std::string trace_pcapng(const std::vector<TraceConnection>& traces, std::int64_t epoch_seconds = 0);

/// Which end of a connection is the kernel under test.
enum class TraceEnd : std::uint8_t { Client, Server };
/// A script for packetdrill: what one end's application calls, what its kernel sends (>), what reaches it (<).
[[nodiscard]] std::string trace_packetdrill(const TraceConnection& trace, TraceEnd end);

/// Which packets of a trace to keep.
enum class PacketFilter : std::uint8_t {
    All,
    Syn,      ///< SYN and SYN-ACK
    Keepalive ///< probes, and the next packet of the other side
};
[[nodiscard]] std::vector<TraceConnection> filtered(std::vector<TraceConnection> traces, PacketFilter filter);

[[nodiscard]] std::string catchment_text(const Catchment& catchment);
[[nodiscard]] std::string catchment_json(const Catchment& catchment, bool all_ases);
/// Two catchments of the same PoPs and clients: shares before and after; with `each` also every client that moves.
[[nodiscard]] std::string catchment_change_text(const Catchment& before, const Catchment& after, bool each);
[[nodiscard]] std::string catchment_change_json(const Catchment& before, const Catchment& after);
/// RFC 7946: a point per PoP and client group, and the cities of each client's way as a line.
[[nodiscard]] std::string catchment_geojson(const Catchment& catchment);
[[nodiscard]] std::string why_text(const Why& why);
[[nodiscard]] std::string why_json(const Why& why);
/// @param most  rows of the table of pairs, the costliest ones
[[nodiscard]] std::string withdrawals_text(const WithdrawalSweep& sweep, std::size_t most = 20);
[[nodiscard]] std::string withdrawals_json(const WithdrawalSweep& sweep);

[[nodiscard]] std::string topology_text(const TopologyStatistics& statistics);
[[nodiscard]] std::string topology_json(const TopologyStatistics& statistics);

/// Faults as people read them: severity, place, line with caret, suggestion.
[[nodiscard]] std::string issues_text(const std::string& file, const std::vector<Issue>& issues);
[[nodiscard]] std::string issues_json(const std::string& file, const std::vector<Issue>& issues);

/// Prose of at most 40 lines on an outcome code, a metric, an error code or a key; empty when the topic is unknown.
[[nodiscard]] std::string explain(const std::string& topic);
/// Every topic of `explain`, sorted.
[[nodiscard]] std::vector<std::string> explain_topics();
/// All of it as a page in Markdown: "keys", "metrics", "outcomes" or "codes"; empty for any other page.
[[nodiscard]] std::string reference_markdown(const std::string& page);

} // namespace firstbyte
