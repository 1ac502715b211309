/*
title      = "Resident pension: average yearly premium (城乡居民养老人均缴费)"
unit       = "元/年"
numerator   = { zh = "参保人员选定缴费档次金额合计（元）", counts = "yuan" }
denominator = { zh = "城乡居民基本养老保险缴费人数", counts = "persons" }
insurances = ["resident_pension"]
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 二"]
needs      = ["human_resources/resident_pension", "human_resources/benefit", "public_security/population"]

[explanation]
zh = "月末正常参加城乡居民养老、未领取待遇的人员选定的年缴费档次的平均值（元/年），含政府代缴人员；档次不明的不计。"
en = "The average yearly band chosen by those actively in the resident pension and not drawing, those paid for included; who has no band told does not count."

[[example]]
why     = "the average of two bands; a pensioner's and a band nobody tells do not count"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Low", birth_on = 1980-01-01, area = "371082100" },
  { person = "High", birth_on = 1980-01-01, area = "371082100" },
]
enrollment = [
  { person = "Low", insurance = "resident_pension", starts_on = 2015-01-01, tier_yuan = 300 },
  { person = "High", insurance = "resident_pension", starts_on = 2015-01-01, tier_yuan = 5000 },
  { person = "Pensioner", insurance = "resident_pension", starts_on = 2015-01-01, tier_yuan = 5000 },
  { person = "Not told", insurance = "resident_pension", starts_on = 2015-01-01 },
]
benefit = [{ person = "Pensioner", kind = "resident_pension", starts_on = 2020-01-01 }]
gives   = [{ area = "371082100", insurance = "resident_pension", numerator = 5300, denominator = 2 }]
*/
select paying.area, 'resident_pension' as insurance, sum(paying.tier_yuan) as numerator, count(*) as denominator
from (
    select enrollment.person_key, max(enrollment.tier_yuan) as tier_yuan, min(person.area) as area
    from enrollment
    left join person on person.person_key = enrollment.person_key
    where enrollment.insurance = 'resident_pension' and enrollment.state = 'active'
      and enrollment.starts_on < :data_until and enrollment.ends_on >= :data_until
      and enrollment.tier_yuan is not null
    group by enrollment.person_key
) as paying
left join pensioner on pensioner.person_key = paying.person_key
where pensioner.person_key is null
group by paying.area
