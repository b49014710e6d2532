#include "bgp/convergence_record.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace firstbyte::bgp {

ChoiceRecorder::Record ChoiceRecorder::make(Instant at, NodeIndex node, const Selection& selection,
                                            std::span<const Offer> tied) {
    Record record;
    record.at = at;
    record.node = node;
    record.reached = selection.reached();
    record.first_offer = static_cast<std::uint32_t>(offers_.size());
    if (!record.reached) return record;
    record.length = selection.length;
    record.learned_from = selection.learned_from;
    record.offers = static_cast<std::uint32_t>(tied.size());
    offers_.insert(offers_.end(), tied.begin(), tied.end());
    return record;
}

bool ChoiceRecorder::same(const Record& a, const Record& b) const {
    return a.reached == b.reached && a.length == b.length && a.learned_from == b.learned_from && a.offers == b.offers &&
           std::equal(offers_.begin() + a.first_offer, offers_.begin() + a.first_offer + a.offers,
                      offers_.begin() + b.first_offer);
}

void ChoiceRecorder::begin(NodeIndex node, const Selection& selection, std::span<const Offer> tied) {
    last_of_[node] = static_cast<std::uint32_t>(records_.size());
    records_.push_back(make(Instant::min(), node, selection, tied));
}

void ChoiceRecorder::record(Instant at, NodeIndex node, const Selection& selection, std::span<const Offer> tied) {
    const std::uint32_t before = last_of_[node];
    Record record = make(at, node, selection, tied);
    if (before == none) {
        last_of_[node] = static_cast<std::uint32_t>(records_.size());
        records_.push_back(record);
        return;
    }
    if (same(records_[before], record)) {
        offers_.resize(record.first_offer);
        return;
    }
    if (records_[before].at == at) {
        record.before = records_[before].before;
        records_[before] = record;
        return;
    }
    record.before = before;
    last_of_[node] = static_cast<std::uint32_t>(records_.size());
    records_.push_back(record);
}

void ChoiceRecorder::finish() {
    // One that was replaced within its instant may have become what held before.
    std::vector<std::uint32_t> kept;
    for (std::uint32_t index = 0; index < records_.size(); ++index) {
        const Record& record = records_[index];
        if (record.at == Instant::min()) continue;
        if (record.before == none || !same(record, records_[record.before])) kept.push_back(index);
    }
    const auto by_node = [this](std::uint32_t a, std::uint32_t b) { return records_[a].node < records_[b].node; };
    for (auto first = kept.begin(); first != kept.end();) {
        auto last = first;
        while (last != kept.end() && records_[*last].at == records_[*first].at) ++last;
        std::sort(first, last, by_node);
        first = last;
    }
    first_of_.assign(last_of_.size() + 1, 0);
    for (const std::uint32_t index : kept) {
        changes_.push_back({records_[index].at, records_[index].node});
        ++first_of_[records_[index].node + 1];
    }
    std::partial_sum(first_of_.begin(), first_of_.end(), first_of_.begin());
    choices_.resize(kept.size());
    choice_at_.resize(kept.size());
    std::vector<std::uint32_t> next(first_of_.begin(), first_of_.end() - 1);
    for (const std::uint32_t index : kept) {
        const Record& record = records_[index];
        const std::uint32_t place = next[record.node]++;
        choices_[place] = {record.reached, record.learned_from, record.length,
                           std::span(offers_).subspan(record.first_offer, record.offers)};
        choice_at_[place] = record.at;
    }
    records_ = {};
    last_of_ = {};
}

std::uint32_t ChoiceRecorder::changed_up_to(NodeIndex node, Instant t) const {
    const auto first = choice_at_.begin() + first_of_[node], last = choice_at_.begin() + first_of_[node + 1];
    return static_cast<std::uint32_t>(std::upper_bound(first, last, t) - first);
}

} // namespace firstbyte::bgp
