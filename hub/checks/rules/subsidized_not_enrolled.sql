/*
id         = "P16"
title      = "Subsidized or recruited through the bureau, and not enrolled (享受补贴政策或招聘录用未参保)"
subject    = "person"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施2", "社会保险法 第五十八条"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = [
  "human_resources/startup_subsidy", "human_resources/talent_policy", "human_resources/recruitment",
  "market_supervision/registration", "market_supervision/cancellation", "tax/payroll", "education/student",
  "justice/sentence", "human_resources/insured_elsewhere",
]
parameters = ["new_hire_grace_days", "student_age_until", "retirement_scheme"]

[explanation]
zh = "人社部门内部比对：领取创业补贴、享受人才政策的人员未参加任何养老保险；或经招聘登记录用满规定期限、确有该单位工资申报，自录用以来从未以职工身份参保。matter 指明所依据的名册。创业主体已注销、人才政策已到期、退休、死亡、迁出、在校、服刑、异地参保的不列入。录用后没有个税工资记录的，可能未到岗或已离职，不作判断；请先向单位和本人核实，再督促单位办理。"
en = "By the bureau's own lists: somebody who got a start-up subsidy or is under a talent policy is in no pension insurance; or somebody recruited through the bureau, past the days to enroll and paid a taxed wage there, was never enrolled as an employee since. The matter names the list. Closed businesses, policies that ended, pensioners, students, prisoners, the dead and those insured elsewhere are left out. Without a taxed wage the person may never have begun: nothing is decided. Ask employer and person before urging."

[[example]]
why    = "each list by itself: founder, talent, and a recruit with wages in the months after"
today  = 2026-11-21
person = [
  { person = "Founder", birth_on = 1990-01-01 }, { person = "Talent", birth_on = 1990-01-01 },
  { person = "Recruit", birth_on = 1990-01-01 },
]
employer = [{ employer = "Stall", kind = "individual_business" }, { employer = "Works" }]
employment = [
  { person = "Founder", employer = "Stall", kind = "startup_subsidy", starts_on = 2026-03-12 },
  { person = "Talent", employer = "Works", kind = "talent_policy", starts_on = 2025-01-01 },
  { person = "Recruit", employer = "Works", kind = "recruited", starts_on = 2026-06-10 },
]
payroll = [{ person = "Recruit", employer = "Works", month = 2026-07-01, yuan = 5000 }]
finds  = ["Founder/startup_subsidy", "Talent/talent_policy", "Recruit/recruited"]

[[example]]
why    = "insured in some pension is enough for the subsidized; a recruit is the employer's to enroll, but once is enough"
today  = 2026-11-21
person = [
  { person = "Founder", birth_on = 1990-01-01 }, { person = "Talent", birth_on = 1990-01-01 },
  { person = "Enrolled then left", birth_on = 1990-01-01 }, { person = "Paid for", birth_on = 1990-01-01 },
  { person = "Elsewhere", birth_on = 1990-01-01 }, { person = "Resident", birth_on = 1990-01-01 },
]
employer = [{ employer = "Stall" }, { employer = "Works" }]
employment = [
  { person = "Founder", employer = "Stall", kind = "startup_subsidy", starts_on = 2026-03-12 },
  { person = "Talent", employer = "Works", kind = "talent_policy", starts_on = 2025-01-01 },
  { person = "Enrolled then left", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Paid for", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Elsewhere", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Resident", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
]
enrollment = [
  { person = "Founder", insurance = "resident_pension", starts_on = 2020-01-01 },
  { person = "Talent", employer = "Works", starts_on = 2025-01-01 },
  { person = "Enrolled then left", employer = "Works", starts_on = 2026-02-01, ends_on = 2026-05-01, state = "ended" },
  { person = "Elsewhere", starts_on = 2024-01-01, region = "370202" },
  { person = "Resident", insurance = "resident_pension", starts_on = 2020-01-01 },
]
contribution = [{ person = "Paid for", employer = "Works", month = 2026-03-01 }]
payroll = [
  { person = "Enrolled then left", employer = "Works", month = 2026-04-01, yuan = 5000 },
  { person = "Paid for", employer = "Works", month = 2026-04-01, yuan = 5000 },
  { person = "Elsewhere", employer = "Works", month = 2026-04-01, yuan = 5000 },
  { person = "Resident", employer = "Works", month = 2026-04-01, yuan = 5000 },
]
finds  = ["Resident/recruited"]

[[example]]
why    = "within thirty days, a policy that ended, a business that closed, past retirement, dead, away, drawing or at school"
today  = 2026-11-21
person = [
  { person = "New", birth_on = 1990-01-01 }, { person = "Former talent", birth_on = 1990-01-01 },
  { person = "Gave up", birth_on = 1990-01-01 }, { person = "Old", birth_on = 1960-01-01 },
  { person = "Dead", birth_on = 1990-01-01, status = "dead" }, { person = "Soldier", birth_on = 2004-01-01 },
  { person = "Drawing", birth_on = 1990-01-01 }, { person = "Student", birth_on = 2004-01-01 },
]
employer = [{ employer = "Stall", status = "cancelled" }, { employer = "Works" }]
employment = [
  { person = "New", employer = "Works", kind = "recruited", starts_on = 2026-10-02 },
  { person = "Former talent", employer = "Works", kind = "talent_policy", starts_on = 2023-01-01, ends_on = 2026-01-01 },
  { person = "Gave up", employer = "Stall", kind = "startup_subsidy", starts_on = 2025-03-12 },
  { person = "Old", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Dead", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Soldier", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Drawing", employer = "Works", kind = "talent_policy", starts_on = 2025-01-01 },
  { person = "Student", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
]
life_event = [
  { person = "Soldier", kind = "enlisted", happened_on = 2026-03-10 },
  { person = "Student", kind = "studying", happened_on = 2022-09-01, ends_on = 2027-07-01, state = "in_school" },
]
benefit = [{ person = "Drawing", starts_on = 2026-01-01 }]
payroll = [{ person = "New", employer = "Works", month = 2026-10-01, yuan = 5000 }]
finds  = []

[[example]]
why    = "no wage is taxed, a business nobody names, a woman of 52: not for the data to decide"
today  = 2026-11-21
person = [
  { person = "Never began", birth_on = 1990-01-01 }, { person = "Founder", birth_on = 1990-01-01 },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
]
employer = [{ employer = "Works" }]
employment = [
  { person = "Never began", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
  { person = "Founder", kind = "startup_subsidy", starts_on = 2026-02-10 },
  { person = "Woman of 52", employer = "Works", kind = "talent_policy", starts_on = 2025-01-01 },
]
payroll = [{ person = "Never began", employer = "Works", month = 2026-02-01, yuan = 1500 }]
finds   = []
unknown = ["Never began/recruited", "Founder/startup_subsidy", "Woman of 52/talent_policy"]

[[example]]
why     = "what only a list that is stale says, or hangs on wages or insurance elsewhere, is not decided; the other lists stand"
today   = 2026-11-21
missing = ["human_resources/talent_policy", "human_resources/insured_elsewhere", "tax/payroll"]
person  = [
  { person = "From elsewhere", birth_on = 1990-01-01, status = "introduced" },
  { person = "Talent", birth_on = 1990-01-01 }, { person = "Founder", birth_on = 1990-01-01 },
  { person = "Recruit", birth_on = 1990-01-01 },
]
employer = [{ employer = "Works" }]
employment = [
  { person = "From elsewhere", employer = "Works", kind = "startup_subsidy", starts_on = 2026-02-10 },
  { person = "Talent", employer = "Works", kind = "talent_policy", starts_on = 2025-01-01 },
  { person = "Founder", employer = "Works", kind = "startup_subsidy", starts_on = 2026-02-10 },
  { person = "Recruit", employer = "Works", kind = "recruited", starts_on = 2026-02-10 },
]
payroll = [{ person = "Recruit", employer = "Works", month = 2026-04-01, yuan = 5000 }]
finds   = ["Founder/startup_subsidy"]
unknown = ["Talent/talent_policy", "Recruit/recruited", "From elsewhere/startup_subsidy"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.matter,
       left_over.employer_key,
       left_over.area,
       left_over.region,
       case when left_over.certain then 'FOUND' else 'UNKNOWN' end as verdict,
       case when not left_over.certain then left_over.doubt end as unknown_because,
       left_over.since,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(employment) as employment
from (
    select told.person_key, told.kind as matter, min(told.area) as area, min(told.region) as region,
           (array_agg(told.employer_key order by told.doubt nulls first, told.employer_key))[1] as employer_key,
           min(told.starts_on) as since, bool_or(told.doubt is null) as certain, max(told.doubt) as doubt
    from (
        select listed.person_key, listed.kind, listed.starts_on, person.region,
               nullif(listed.employer_key, '00000000-0000-0000-0000-000000000000') as employer_key,
               coalesce(person.area, employer.area) as area,
               case
                   when position(', ' || list.delivery || ', ' in ', ' || :missing || ', ') > 0
                       then 'the list that says so is not to be had: ' || list.delivery
                   when person.months_of_age is null or person.working_until is null
                       then 'nobody says when the person was born, or the sex'
                   when person.months_of_age > person.working_until
                       then 'at this age the statutory retirement age depends on the post'
                   when person.months_of_age < :student_age_until * 12
                        and position('education/student' in :missing) > 0
                       then 'perhaps a student: education/student is not to be had'
                   when person.status = 'introduced' and position('human_resources/insured_elsewhere' in :missing) > 0
                       then 'not in the population register: perhaps insured elsewhere'
                   when listed.kind = 'startup_subsidy' and open_employer.employer_key is null
                       then 'the business is not named, or not known: perhaps closed since'
                   when listed.kind = 'recruited' and position('tax/payroll' in :missing) > 0
                       then 'perhaps never at work there: tax/payroll is not to be had'
                   when listed.kind = 'recruited' and (paid.last_wage is null
                        or paid.last_wage + interval '1 month' <= listed.starts_on + :new_hire_grace_days)
                       then 'no wage is taxed past the days to enroll: perhaps never at work there, or gone'
               end as doubt
        from employment as listed
        join (
            values ('startup_subsidy', 'human_resources/startup_subsidy'),
                   ('talent_policy', 'human_resources/talent_policy'),
                   ('recruited', 'human_resources/recruitment')
        ) as list (kind, delivery) on list.kind = listed.kind
        -- age in months at the end of the period, and the last one certainly of working age
        join (
            select person.person_key, person.area, person.region, person.status,
                   months(:period) - months(person.birth_on) as months_of_age,
                   scheme.working_until
                   + greatest(0, least(scheme.cap, (months(person.birth_on) - months(scheme.first) + scheme.step)
                                                   / scheme.step)) as working_until,
                   scheme.undetermined_until
            from person
            left join jsonb_to_recordset(:retirement_scheme)
                as scheme (sex text, working_until integer, first date, step integer, cap integer,
                           undetermined_until integer)
                on scheme.sex = person.sex
        ) as person on person.person_key = listed.person_key
        left join employer on employer.employer_key = listed.employer_key
        left join open_employer on open_employer.employer_key = listed.employer_key and open_employer.closes_on > :today
        -- in any pension insurance now; and until when as somebody's employee or as self-employed, here or elsewhere
        left join (
            select person_key,
                   bool_or(starts_on < :data_until and ends_on >= :data_until) as now,
                   max(case when insurance <> 'resident_pension' then ends_on end) as employed_until
            from pension_spell
            group by person_key
        ) as insured on insured.person_key = listed.person_key
        left join (
            select person_key, max(month) as last_month from pension_month group by person_key
        ) as contributing on contributing.person_key = listed.person_key
        left join (
            select person_key, employer_key, max(month) as last_wage from wage group by person_key, employer_key
        ) as paid on paid.person_key = listed.person_key and paid.employer_key = listed.employer_key
        left join pensioner on pensioner.person_key = listed.person_key
        left join retiree on retiree.person_key = listed.person_key
        left join (
            select distinct person_key from absence where ends_on >= :data_until and lasting
        ) as absent on absent.person_key = listed.person_key
        where person.status in ('normal', 'introduced')
          and listed.starts_on + :new_hire_grace_days < :data_until
          and listed.ends_on >= :data_until and coalesce(listed.state, 'active') <> 'ended'
          and (person.months_of_age is null or person.working_until is null
               or person.months_of_age <= greatest(person.working_until, person.undetermined_until))
          and case when listed.kind = 'recruited'
                   then coalesce(insured.employed_until <= listed.starts_on, true)
                        and coalesce(contributing.last_month + interval '1 month' <= listed.starts_on, true)
                   else insured.now is not true
                        and coalesce(contributing.last_month < :period - interval '2 months', true) end
          -- a business that closed has no founder to enroll, an employer that closed nobody
          and (listed.kind = 'talent_policy' or open_employer.employer_key is not null or employer.employer_key is null)
          and pensioner.person_key is null
          and retiree.person_key is null
          and absent.person_key is null
    ) as told
    group by told.person_key, told.kind
) as left_over
join employment on employment.person_key = left_over.person_key and employment.kind = left_over.matter
group by left_over.person_key, left_over.matter, left_over.employer_key, left_over.area, left_over.region,
         left_over.certain, left_over.doubt, left_over.since;
