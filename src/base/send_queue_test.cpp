#include "base/send_queue.h"

#include <gtest/gtest.h>

namespace venturi {
namespace {

TEST(SendQueueTest, WhatWasSentIsGoneAndTheRestStaysInOrder) {
  SendQueue queue;
  EXPECT_TRUE(queue.empty());
  std::string all;
  for (int i = 0; i < 300'000; ++i) all += std::to_string(i);
  queue.bytes() += all;
  std::string taken;
  for (std::size_t piece = 1; !queue.empty(); piece = piece * 7 % 40'009 + 1) {
    const std::string_view part = queue.rest().substr(0, piece);
    taken += part;
    queue.sent(part.size());
    if (taken.size() == 1) queue.bytes() += "end";
  }
  EXPECT_EQ(taken, all + "end");
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_LE(queue.bytes().capacity(), 1UL << 20U) << "the room of a large message is given back";
  queue = std::string("abc");
  queue.sent(2);
  EXPECT_EQ(queue.rest(), "c");
  queue.clear();
  EXPECT_EQ(queue.rest(), "");
}

}  // namespace
}  // namespace venturi
