/*
id         = "Q02"
title      = "Who lives here: survey and registers disagree (户籍、常住、流动人员信息变化未跟踪)"
subject    = "person"
severity   = "low"
basis      = ["山东省全面实施全民参保计划工作方案(2018) 二(五)3"]
needs      = ["town/household_survey", "public_security/population", "public_security/change"]
misses     = ["public_security/population", "public_security/change"]
consults   = ["public_security/residence", "big_data_center/relay"]

[explanation]
zh = "最近一次入户调查与登记不一致，matter 注明方向：moved_in 调查时住在本地，人口库和居住登记均无此人；moved_away 调查时外出、出国或空挂户，调查之前登记的居住仍为有效；still_here 人口库已迁出，之后的调查显示仍住在本地。当月的调查可能尚未更新到登记，不列入；登记晚于调查的以登记为准。请镇街与公安核对后更新，核实前不改变参保判断。居住登记未到位、已到期或迁出日期不明的，不作判断。"
en = "The latest visit to the household and the registers disagree; the matter says which way: moved_in, found living here, and neither the population register nor the registrations of residence have the person; moved_away, found away, abroad or only on paper here, and a residence registered before the visit still stands; still_here, moved out by the register, and found living here after that. A visit within the month may not be followed yet and is left out; where the registration is newer than the visit, it stands. Town and police settle which is right; until then it changes no judgement of insurance."

[[example]]
why     = "each way: living here unregistered, away though registered as living here, here though moved out"
today   = 2026-11-21
person  = [
  { person = "Newcomer", birth_on = 1985-01-01, status = "introduced" }, { person = "Away", birth_on = 1985-01-01 },
  { person = "Abroad", birth_on = 1985-01-01 }, { person = "On paper", birth_on = 1985-01-01, status = "introduced" },
  { person = "Back", birth_on = 1985-01-01, status = "moved_out", status_on = 2025-03-01 },
]
life_event = [
  { person = "Away", kind = "residing", happened_on = 2020-07-01 },
  { person = "Abroad", kind = "residing", happened_on = 2020-07-01 },
  { person = "On paper", kind = "residing", happened_on = 2025-07-01, ends_on = 2027-07-01 },
]
household_survey = [
  { person = "Newcomer", surveyed_on = 2026-09-30, residence = "here" },
  { person = "Away", surveyed_on = 2026-09-30, residence = "away" },
  { person = "Abroad", surveyed_on = 2026-05-30, residence = "abroad" },
  { person = "On paper", surveyed_on = 2026-05-30, residence = "empty_registration" },
  { person = "Back", surveyed_on = 2026-05-30, residence = "here" },
]
finds   = ["Newcomer/moved_in", "Away/moved_away", "Abroad/moved_away", "On paper/moved_away", "Back/still_here"]

[[example]]
why     = "in agreement, a visit within the month, a registration newer than the visit, or the latest of two visits agrees"
today   = 2026-11-21
person  = [
  { person = "At home", birth_on = 1985-01-01 }, { person = "Away, and told", birth_on = 1985-01-01 },
  { person = "Permit", birth_on = 1985-01-01, status = "introduced" },
  { person = "Visited now", birth_on = 1985-01-01 }, { person = "Came back", birth_on = 1985-01-01 },
  { person = "Came back too", birth_on = 1985-01-01 },
  { person = "Left later", birth_on = 1985-01-01, status = "moved_out", status_on = 2026-07-01 },
  { person = "Not asked", birth_on = 1985-01-01 }, { person = "Dead", birth_on = 1940-01-01, status = "dead" },
]
life_event = [
  { person = "At home", kind = "residing", happened_on = 2020-07-01 },
  { person = "Away, and told", kind = "residing", happened_on = 2020-07-01, ends_on = 2026-04-01 },
  { person = "Permit", kind = "residing", happened_on = 2025-07-01, ends_on = 2027-07-01 },
  { person = "Visited now", kind = "residing", happened_on = 2020-07-01 },
  { person = "Came back", kind = "residing", happened_on = 2026-07-01 },
  { person = "Came back too", kind = "residing", happened_on = 2020-07-01 },
  { person = "Not asked", kind = "residing", happened_on = 2020-07-01 },
  { person = "Dead", kind = "residing", happened_on = 2020-07-01 },
  { person = "Dead", kind = "death", happened_on = 2026-07-01 },
]
household_survey = [
  { person = "At home", surveyed_on = 2026-05-30, residence = "here" },
  { person = "Away, and told", surveyed_on = 2026-05-30, residence = "away" },
  { person = "Permit", surveyed_on = 2026-05-30, residence = "here" },
  { person = "Visited now", surveyed_on = 2026-10-01, residence = "away" },
  { person = "Came back", surveyed_on = 2026-05-30, residence = "away" },
  { person = "Came back too", surveyed_on = 2026-05-30, residence = "away" },
  { person = "Came back too", surveyed_on = 2026-10-30, residence = "here" },
  { person = "Left later", surveyed_on = 2026-05-30, residence = "here" },
  { person = "Not asked", surveyed_on = 2026-05-30, residence = "unknown" },
  { person = "Dead", surveyed_on = 2026-05-30, residence = "away" },
]
finds   = []

[[example]]
why     = "a registration that ran out, and a move of which nobody tells the day: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "Permit", birth_on = 1985-01-01, status = "introduced" },
  { person = "Moved", birth_on = 1985-01-01, status = "moved_out" },
]
life_event = [{ person = "Permit", kind = "residing", happened_on = 2025-07-01, ends_on = 2026-04-01 }]
household_survey = [
  { person = "Permit", surveyed_on = 2026-05-30, residence = "here" },
  { person = "Moved", surveyed_on = 2026-05-30, residence = "here" },
]
finds   = []
unknown = ["Permit/moved_in", "Moved/still_here"]

[[example]]
why     = "without the registrations of residence a newcomer may be registered; who moved out is judged all the same"
today   = 2026-11-21
missing = ["public_security/residence"]
person  = [
  { person = "Newcomer", birth_on = 1985-01-01, status = "introduced" },
  { person = "Back", birth_on = 1985-01-01, status = "moved_out", status_on = 2025-03-01 },
]
household_survey = [
  { person = "Newcomer", surveyed_on = 2026-05-30, residence = "here" },
  { person = "Back", surveyed_on = 2026-05-30, residence = "here" },
]
finds   = ["Back/still_here"]
unknown = ["Newcomer/moved_in"]
*/
select differing.person_key as subject_key,
       differing.person_key,
       differing.matter,
       differing.area,
       differing.region,
       case when differing.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       differing.doubt as unknown_because,
       differing.visited_on,
       differing.found_as,
       differing.registered_since,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       (array_agg(person))[1] as person,
       array_agg(distinct household_survey) as household_survey,
       array_agg(distinct life_event) filter (where life_event.person_key is not null) as life_event
from (
    select compared.*,
           case
               when compared.matter = 'moved_in' and compared.stands = 0
                   then 'a registration of residence that ran out: perhaps renewed'
               when compared.matter = 'moved_in' and position('public_security/residence' in :missing) > 0
                   then 'perhaps registered as living here: public_security/residence is not to be had'
               when compared.matter = 'moved_away' and compared.stands = compared.stale
                   then 'the registration stands in a list that is not to be had as of now'
               when compared.matter = 'still_here' and compared.moved_on is null
                   then 'the day of moving out is not told'
           end as doubt
    from (
        select person.person_key, person.region, coalesce(visit.area, person.area) as area, latest.visited_on,
               visit.residence as found_as, residing.since as registered_since, residing.stands, residing.stale,
               coalesce(moved.moved_on, person.status_on) as moved_on,
               case
                   when visit.residence = 'here' and person.status = 'introduced' and coalesce(residing.stands, 0) = 0
                       then 'moved_in'
                   when visit.residence in ('away', 'abroad', 'empty_registration')
                        and person.status in ('normal', 'introduced') and residing.stands > 0
                        and residing.since < latest.visited_on
                       then 'moved_away'
                   when visit.residence = 'here' and person.status = 'moved_out'
                        and coalesce(coalesce(moved.moved_on, person.status_on) < latest.visited_on, true)
                       then 'still_here'
               end as matter
        from (
            select person_key, max(surveyed_on) as visited_on
            from household_survey
            group by person_key
        ) as latest
        join (
            select person_key, surveyed_on, min(area) as area,
                   case when min(residence) = max(residence) then min(residence) end as residence
            from household_survey
            group by person_key, surveyed_on
        ) as visit on visit.person_key = latest.person_key and visit.surveyed_on = latest.visited_on
        join person on person.person_key = latest.person_key
        -- registrations of residence: how many stand, of these how many in a list that is stale, the newest of them
        left join (
            select life_event.person_key,
                   count(*) filter (where life_event.ends_on >= :data_until) as stands,
                   count(*) filter (where life_event.ends_on >= :data_until
                                    and position(', ' || delivery.name || ', ' in ', ' || :missing || ', ') > 0) as stale,
                   max(life_event.happened_on) filter (where life_event.ends_on >= :data_until) as since
            from life_event
            left join delivery on delivery.id = life_event.delivery_id
            where life_event.kind = 'residing'
            group by life_event.person_key
        ) as residing on residing.person_key = latest.person_key
        left join (
            select person_key, max(starts_on) as moved_on from absence where kind = 'moved_out' group by person_key
        ) as moved on moved.person_key = latest.person_key
        left join (
            select distinct person_key from death
        ) as dead on dead.person_key = latest.person_key
        -- a visit within the month may not be followed yet
        where latest.visited_on < :period
          and dead.person_key is null
    ) as compared
    where compared.matter is not null
) as differing
join person on person.person_key = differing.person_key
join household_survey
    on household_survey.person_key = differing.person_key and household_survey.surveyed_on = differing.visited_on
left join life_event
    on life_event.person_key = differing.person_key and life_event.kind in ('residing', 'moved_out')
group by differing.person_key, differing.matter, differing.area, differing.region, differing.doubt,
         differing.visited_on, differing.found_as, differing.registered_since;
