#include "providers/sftp/sftp_packet.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using namespace std::string_literals;

TEST(SftpPacket, AsTheProtocolHasIt) {
  EXPECT_EQ(sftp_packet(SftpType::init, 1, SftpBody().number(3).bytes()), "\0\0\0\x05\x01\0\0\0\x03"s);
  EXPECT_EQ(sftp_packet(SftpType::read, 7, SftpBody().text("h").large(0x102030405).number(9).bytes()),
            "\0\0\0\x16\x05\0\0\0\x07\0\0\0\x01h\0\0\0\x01\x02\x03\x04\x05\0\0\0\x09"s);
}

TEST(SftpPacket, AttributesOfEachKind) {
  const std::string bytes = "\x80\0\0\x0f"s + "\0\0\0\x01\0\0\0\0"s + "\0\0\0\x01\0\0\0\x02"s + "\0\0\x81\xa4"s +
                            "\0\0\0\x05\0\0\0\x06"s + "\0\0\0\x01\0\0\0\x01x\0\0\0\x01y"s + "!"s;
  SftpReader all(bytes);
  const SftpAttributes attributes = all.attributes();
  EXPECT_EQ(attributes.size, 1ULL << 32U);
  EXPECT_EQ(attributes.mode, 0100644U);
  EXPECT_TRUE(attributes.is_file());
  EXPECT_EQ(attributes.modified, Time(std::chrono::seconds(6)));
  EXPECT_FALSE(all.is_at_end());
  const std::string nothing = "\0\0\0\0"s;
  SftpReader none(nothing);
  EXPECT_FALSE(none.attributes().has_size);
  EXPECT_TRUE(none.is_at_end());
}

TEST(SftpPacket, MessagesThatAreTooShort) {
  EXPECT_THROW((void)SftpReader("\0\0\0"s).number(), operators::TaskFailed);
  EXPECT_THROW((void)SftpReader("\0\0\0\x05four"s).text(), operators::TaskFailed);
  EXPECT_THROW((void)SftpReader("\xff\xff\xff\xff"s).attributes(), operators::TaskFailed);
}

}  // namespace
}  // namespace venturi::providers
