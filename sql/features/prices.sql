-- Prices known strictly before the scheduled off. Where the vendor's own history of a price is loaded, it counts,
-- and else what the cards showed.
CREATE TEMPORARY TABLE feature_prices AS
SELECT
    summed.*,
    CASE
        WHEN is_declared AND mean_0 IS NOT NULL
            THEN rank() OVER (PARTITION BY race_id, is_declared ORDER BY mean_0 NULLS LAST)
    END AS place,
    (1.0 / mean_0) / sum(1.0 / mean_0) FILTER (WHERE is_declared) OVER (PARTITION BY race_id) AS share
FROM (
    SELECT
        race_id,
        horse_id,
        is_declared,
        max(first_price) FILTER (WHERE is_fixed) AS first_price,
        max(price_60) FILTER (WHERE is_fixed) AS price_60,
        max(price_10) FILTER (WHERE is_fixed) AS price_10,
        max(price_0) FILTER (WHERE is_fixed) AS price_0,
        sum(price_0) FILTER (WHERE is_fixed) / nullif(count(price_0) FILTER (WHERE is_fixed), 0) AS mean_0,
        count(price_0) FILTER (WHERE is_fixed) AS bookmakers_0,
        max(price_0) FILTER (WHERE is_exchange) AS exchange_0
    FROM (
        SELECT
            race_id,
            horse_id,
            is_declared,
            is_fixed,
            is_exchange,
            origin = max(origin) OVER (PARTITION BY race_id, horse_id, bookmaker_id) AS is_best_origin,
            mod(first_price, 100000000) / 100.0 AS first_price,
            price_60,
            price_10,
            price_0
        FROM (
            SELECT
                prices.race_id,
                prices.horse_id,
                prices.bookmaker_id,
                prices.origin,
                target.is_declared,
                bookmakers.type IS NOT DISTINCT FROM 'fixed_odds' AS is_fixed,
                bookmakers.type IS NOT DISTINCT FROM 'exchange' AS is_exchange,
                -- The first moment has the lowest number.
                min(
                    CAST(EXTRACT(epoch FROM prices.valid_from) AS bigint) * 100000000
                    + CAST(100 * prices.decimal_odds AS bigint)
                ) FILTER (WHERE prices.decimal_odds IS NOT NULL AND prices.decimal_odds < 1000000) AS first_price,
                max(prices.decimal_odds) FILTER (
                    WHERE prices.valid_from < target.off_dt - INTERVAL '60' MINUTE
                        AND (prices.valid_to IS NULL OR prices.valid_to >= target.off_dt - INTERVAL '60' MINUTE)
                ) AS price_60,
                max(prices.decimal_odds) FILTER (
                    WHERE prices.valid_from < target.off_dt - INTERVAL '10' MINUTE
                        AND (prices.valid_to IS NULL OR prices.valid_to >= target.off_dt - INTERVAL '10' MINUTE)
                ) AS price_10,
                max(prices.decimal_odds) FILTER (
                    WHERE prices.valid_to IS NULL OR prices.valid_to >= target.off_dt
                ) AS price_0
            FROM feature_target AS target
            JOIN ra_price_changes AS prices
                ON prices.race_id = target.race_id AND prices.horse_id = target.horse_id
                AND prices.valid_from < target.off_dt
            LEFT JOIN ra_mst_bookmakers AS bookmakers ON bookmakers.id = prices.bookmaker_id
            WHERE prices.race_date BETWEEN DATE '{first}' AND DATE '{today}'
            GROUP BY
                prices.race_id, prices.horse_id, prices.bookmaker_id, prices.origin, target.is_declared, bookmakers.type
        ) AS of_origins
    ) AS of_bookmakers
    WHERE is_best_origin
    GROUP BY race_id, horse_id, is_declared
) AS summed;
