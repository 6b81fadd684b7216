#include "traffic/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace segue::traffic {
namespace {

rc::Gen<std::vector<std::int64_t>> latencies() {
  const auto one = rc::gen::mapcat(rc::gen::inRange(0, 32), [](int bits) {
    return rc::gen::inRange<std::int64_t>(0, std::min((std::int64_t{2} << bits), Histogram::limit));
  });
  return rc::gen::container<std::vector<std::int64_t>>(one);
}

Histogram of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  return histogram;
}

RC_GTEST_PROP(Histogram, A_quantile_is_never_too_low_and_at_most_a_64th_too_high, ()) {
  auto values = *rc::gen::nonEmpty(latencies());
  const auto share = *rc::gen::inRange(0, 1001) / 1000.0;
  const auto histogram = of(values);
  std::sort(values.begin(), values.end());
  const auto rank =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))));
  const auto exact = values[rank - 1];
  RC_ASSERT(histogram.at(share) >= exact);
  RC_ASSERT(histogram.at(share) <= exact + exact / 64 + 1);
}

RC_GTEST_PROP(Histogram, Adding_is_the_same_as_recording_all_into_one, ()) {
  const auto a = *latencies(), b = *latencies();
  auto sum = of(a);
  sum.add(of(b));
  auto all = a;
  all.insert(all.end(), b.begin(), b.end());
  RC_ASSERT(sum == of(all));
}

RC_GTEST_PROP(Histogram, Quantiles_rise_and_end_at_the_exact_maximum, ()) {
  const auto values = *rc::gen::nonEmpty(latencies());
  const auto histogram = of(values);
  std::int64_t before = 0;
  for (int percent = 0; percent <= 100; ++percent) {
    RC_ASSERT(histogram.at(percent / 100.0) >= before);
    before = histogram.at(percent / 100.0);
  }
  RC_ASSERT(before == *std::max_element(values.begin(), values.end()));
  RC_ASSERT(histogram.count() == static_cast<std::int64_t>(values.size()));
}

TEST(Histogram, Small_values_are_exact_and_wild_ones_are_held) {
  EXPECT_EQ(Histogram().at(0.99), 0);
  for (std::int64_t value = 0; value < 128; ++value) EXPECT_EQ(of({value}).at(0.5), value);
  EXPECT_EQ(of({-5}).max(), 0);
  EXPECT_EQ(of({Histogram::limit * 2}).at(1), Histogram::limit);
  EXPECT_DOUBLE_EQ(of({1, 3}).mean(), 2);
}

}  // namespace
}  // namespace segue::traffic
