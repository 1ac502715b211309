/*
title      = "In hardship, of drawing age, and drawing a pension (困难群体待遇领取率)"
unit       = "%"
numerator   = { zh = "困难群体中年满领取年龄且领取养老待遇的人数", counts = "persons" }
denominator = { zh = "困难群体中年满领取年龄的人数", counts = "persons" }
group      = "hardship"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(二)3"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "public_security/population", "public_security/change", "civil_affairs/cremation",
  "education/student", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
parameters = ["hardship_kinds", "resident_pension_drawing_age"]

[explanation]
zh = "“三个100%”之三：困难人员中年满城乡居民养老待遇领取年龄的，正在领取任一养老待遇的比例。当月刚满龄的计入下月。"
en = "The third: of those in hardship who were of drawing age before the month began, the share drawing any pension. Who reached the age in the month itself counts from the next."

[[example]]
why     = "one draws, one does not; who turned sixty in the month is not due yet"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Drawing", birth_on = 1950-01-01, area = "371082100" },
  { person = "Not drawing", birth_on = 1966-09-30, area = "371082100" },
  { person = "Just sixty", birth_on = 1966-10-01, area = "371082100" },
]
assistance = [{ person = "Drawing" }, { person = "Not drawing" }, { person = "Just sixty" }]
benefit = [{ person = "Drawing", kind = "resident_pension", starts_on = 2015-01-01 }]
gives   = [{ area = "371082100", numerator = 1, denominator = 2 }]
*/
select needy.area, count(pensioner.person_key) as numerator, count(*) as denominator
from (
    select helped.person_key, coalesce(person.area, helped.area) as area
    from (
        select hardship.person_key, min(hardship.area) as area
        from hardship
        join (select jsonb_array_elements_text(:hardship_kinds) as kind) as paid_for on paid_for.kind = hardship.kind
        where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
        group by hardship.person_key
    ) as helped
    join person on person.person_key = helped.person_key
    left join (
        select distinct person_key from absence
        where starts_on < :data_until and ends_on >= :data_until and lasting
    ) as absent on absent.person_key = helped.person_key
    where person.status in ('normal', 'introduced') and absent.person_key is null
      and person.birth_on < :period - make_interval(years => :resident_pension_drawing_age)
) as needy
left join pensioner on pensioner.person_key = needy.person_key
group by needy.area
