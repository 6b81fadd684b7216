// A dump and restore changes neither the catalog's fingerprint nor the data's, also where it changes how the server
// prints an expression.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "catalog/data_fingerprint.h"
#include "catalog/diff.h"
#include "catalog/fingerprint.h"
#include "catalog/testing/everything_test.h"
#include "testing/server.h"

namespace segue::catalog {
namespace {

namespace test = ::segue::testing;

class Restore : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(test::server_bin_dir() + "/pg_dump") || test::server_version() < 150000) {
      GTEST_SKIP() << "no pg_dump of this version, or a version before 15";
    }
    test::Database any;
    if (any.value("SELECT count(*) FROM pg_available_extensions WHERE name IN ('hstore', 'postgres_fdw')") != "2") {
      GTEST_SKIP() << "the server has no contrib modules";
    }
  }

  void TearDown() override {
    // A database with a subscription cannot be dropped.
    for (const test::Database* database : {&first_, &second_, &third_}) {
      auto connection = database->connect();
      if (connection.value("SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
                           "WHERE d.datname = current_database()") == "1") {
        (void)connection.script("DROP SUBSCRIPTION sub");
      }
    }
  }

  static void carry(const test::Database& from, const test::Database& to) {
    const std::string bin = test::server_bin_dir() + "/";
    const std::string command = "'" + bin + "pg_dump' -d '" + from.url() + "' | '" + bin +
                                "psql' -X -q -v ON_ERROR_STOP=1 -d '" + to.url() + "' > /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  static Snapshot take(const test::Database& database) {
    auto connection = database.connect();
    auto snapshot = take_snapshot(connection);
    if (!snapshot) throw std::runtime_error(to_text(snapshot.error()));
    return std::move(*snapshot);
  }

  static DataFingerprint data(const test::Database& database) {
    auto data = data_fingerprint({.url = database.url(), .application_name = "test", .settings = {}});
    if (!data) throw std::runtime_error(to_text(data.error()));
    return std::move(*data);
  }

  void expect_three_alike() {
    carry(first_, second_);
    carry(second_, third_);
    const Snapshot first = take(first_), second = take(second_), third = take(third_);
    EXPECT_THAT(sentences(diff(first, second)), ::testing::IsEmpty());
    EXPECT_THAT(sentences(diff(second, third)), ::testing::IsEmpty());
    EXPECT_EQ(fingerprint(first), fingerprint(second));
    EXPECT_EQ(fingerprint(second), fingerprint(third));
    EXPECT_EQ(data(first_), data(second_));
    EXPECT_EQ(data(second_), data(third_));
    objects_ = first.objects.size();
    texts_differ_ = first != second;
  }

  test::Database first_, second_, third_;
  std::size_t objects_ = 0;
  bool texts_differ_ = false;
};

TEST_F(Restore, CatalogOfEverything) {
  for (const char* role : {"dump_reader", "dump_writer", "dump_other"}) {
    first_.run(std::string("DO $$ BEGIN CREATE ROLE ") + role + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  }
  for (const char* part : testing::kEverything) first_.run(part);
  expect_three_alike();
  EXPECT_GT(objects_, 250U);
  EXPECT_TRUE(texts_differ_) << "the server prints everything as before, so this proves nothing about spelling";
}

TEST_F(Restore, DataOfEveryType) {
  first_.run(R"sql(
    CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube; CREATE EXTENSION seg;
    CREATE EXTENSION isn; CREATE EXTENSION intarray;
    CREATE TYPE color AS ENUM ('red', 'green'); CREATE TYPE pair AS (x int, y text); CREATE DOMAIN code AS varchar(9);
    CREATE DOMAIN codes AS int[]; CREATE TYPE fr AS RANGE (subtype = float8);
    CREATE TABLE core (a bool, b bytea, c "char", d name, e int8, f int2, g int4, h text, i oid, j json, k cidr, l money, m macaddr,
      n inet, o char(9), p varchar, q date, r time, s timestamp, t timestamptz, u interval, v timetz, w bit(5), x varbit, y numeric,
      z uuid, aa jsonb, ab float4, ac float8, ad xml, ae point, af lseg, ag path, ah box, ai polygon, aj line, ak circle, al macaddr8,
      am pg_lsn, an tsvector, ao tsquery, ap jsonpath, aq int4range, ar tstzmultirange, at txid_snapshot, au regclass, av xid8,
      aw int[], ax text[][], ay color, az pair, ba code, bb codes, bc fr, bd color[], be pair[], bf numrange, bg float8[]);
    INSERT INTO core VALUES (true, '\x00ff27', 'x', 'n', -9223372036854775808, -32768, 2147483647, E'a\n\t"''\\,(é🐘', 4294967295,
      '{ "a" : 1.0,  "a": 2 }', '10.0.0.0/8', -12.34, '08:00:2b:01:02:03', '10.1.2.3/8', 'a  ', ' ', '-infinity', '24:00', 'infinity',
      '0044-03-15 12:00:00.123456 BC', '-1 mon 2 days -03:00:00.5', '23:59:59.999999+15:59', B'10101', B'1', 1.500,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1.00, "a": [null, "\u00e9"]}', 1e-45, 5e-324,
      '<?xml version="1.0" encoding="UTF-8"?><a b="c">x</a>', '(0.1,-0)', '[(1,2),(3,4)]', '[(1,2),(3,4)]', '(1,2),(3,4)',
      '((1,2),(3,4))', '{1,2,3}', '<(1,2),3>', '08:00:2b:01:02:03:04:05', '16/B374D848', 'a:1A b:2', 'a & (b & c)',
      '$.a[*] ? (@ > 1)', '[1,5]', '{[2020-01-01,2021-01-01)}', '10:20:10,14', 'pg_class', '7', '[2:3]={1,NULL}', '{{a,"b,c"},{"",NULL}}',
      'green', '(1,"a""b")', 'a', '{1,2}', '[0.1,Infinity)', '{red,green}', '{"(1,x)","(,)"}', 'empty', '{
  NaN, -0, Infinity
}
'); INSERT INTO core(y, ab, ac) VALUES('NaN', 'NaN', 'NaN'), ('Infinity', '-Infinity', '-0'), (0.00, 0, 0);
INSERT INTO core(ac) SELECT 'Infinity' ::float8 - 'Infinity' ::float8;
INSERT INTO core(h) VALUES(''), (NULL), ('NULL');
CREATE TABLE contrib(a hstore, b citext, c ltree, d cube, e seg, f isbn, g int[], h lquery, i ltree[], j hstore[]);
INSERT INTO contrib VALUES('a=>1, "b c"=>NULL, d=>""', 'AbC', 'top.a.b', '(1,2.5),(3,4)', '1.50 .. 2e3',
                           '978-0-393-04002-9', '{3,1,2}', 'top.*{2}', '{a.b,c}', '{a=>1}');
CREATE TABLE big(id int PRIMARY KEY, t text, b bytea);
INSERT INTO big SELECT i, repeat(md5(i::text), i), decode(md5(i::text), 'hex') FROM generate_series(1, 2000) i;
DELETE FROM big WHERE id % 3 = 0;
UPDATE big SET t = t || 'x' WHERE id % 5 = 0;
CREATE TABLE gaps(a int, b text, c int, d text);
INSERT INTO gaps SELECT i, 'b', i, 'd' FROM generate_series(1, 100) i;
ALTER TABLE gaps DROP a, DROP c, ADD e text DEFAULT 'fast';
  )sql");
  expect_three_alike();
}

}  // namespace
}  // namespace segue::catalog
