-- What many rules ask, said once: who is dead, away, pensioned, insured, paid, open.
-- Made in facts_now and facts_then alike, over the facts of that schema. A view says who, and from when until when;
-- a rule says for which day. What a rule shows as evidence, a view passes on as a row under its table's name.

create function months(day date) returns integer immutable parallel safe
    return extract(year from day)::integer * 12 + extract(month from day)::integer;
comment on function months is 'A day as the number of its month, so that ages and delays are counted in months (月序号)';

create view death as
select person_key, max(day) as died_on
from (
    select person_key, happened_on as day from life_event where kind in ('death', 'cremation')
    union all
    select person_key, status_on from person where status = 'dead' and status_on is not null
) as told
group by person_key;
comment on view death is 'Who has died. Of the days that police, register and cremations tell the latest (死亡)';

create view absence as
select person_key, kind, happened_on as starts_on, ends_on,
       coalesce(state, '') not in ('left', 'graduated') as lasting
from life_event
where kind in ('death', 'cremation', 'moved_out', 'emigrated', 'enlisted', 'cancelled', 'imprisoned', 'studying');
comment on view absence is 'Who need not be insured here: dead, moved away, abroad, in the army, off the register, in prison, at school. Not lasting: still on the school''s list, but no student (无需在本地参保)';

create view pension_spell as
select person_key, insurance, employer_key, region, state, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where insurance in ('employee_pension', 'organ_pension', 'resident_pension');
comment on view pension_spell is 'Spells in any pension insurance, here or elsewhere. One that ended on a day nobody tells is over from its start (养老保险参保)';

create view medical_spell as
select person_key, insurance, employer_key, region, state, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where insurance in ('employee_medical', 'resident_medical', 'retired_cadre_medical');
comment on view medical_spell is 'Spells in any basic medical insurance, here or elsewhere. One that ended on a day nobody tells is over from its start (基本医疗保险参保)';

create view active_spell as
select person_key, insurance, starts_on, ends_on, enrollment,
       case when insurance in ('employee_medical', 'resident_medical') then 'medical' else 'pension' end as field
from enrollment
where insurance in ('employee_pension', 'organ_pension', 'resident_pension', 'employee_medical', 'resident_medical')
  and state = 'active';
comment on view active_spell is 'Active spells of pension and medical insurance, of which nobody is in two of one field at once (养老、医疗正常参保)';

create view pensioner as
select distinct person_key from benefit
where kind in ('employee_pension', 'organ_pension', 'resident_pension') and state <> 'ended';
comment on view pensioner is 'Who draws a pension, or is to draw it again (领取养老待遇)';

create view retiree as
select distinct person_key from enrollment where state = 'retired';
comment on view retiree is 'Whom an insurance calls retired, whether or not a pension is drawn already (离退休)';

create view wage as
select person_key, employer_key, month, yuan from payroll where income = 'wage' and yuan > 0;
comment on view wage is 'Months for which an employer paid somebody a wage; no bonus, no labor-service income (正常工资薪金)';

create view pension_month as
select person_key, employer_key, month, paid from contribution
where insurance in ('employee_pension', 'organ_pension') and kind <> 'refund';
comment on view pension_month is 'Months for which pension contributions were assessed; paid: they arrived (养老保险缴费月份)';

create view declared_base as
select employer_key, person_key, month, contribution_base, contribution
from contribution
where insurance = 'employee_pension' and kind = 'regular' and employer_key <> '00000000-0000-0000-0000-000000000000';
comment on view declared_base is 'What an employer declared as the base of each of its staff for a month (申报缴费基数)';

create view hardship as
select person_key, case when kind = 'disability' then 'severe_disability' else kind end as kind,
       starts_on, ends_on, area, assistance
from assistance
where state = 'active' and (kind <> 'disability' or level in ('1', '2'));
comment on view hardship is 'Who is in hardship, by the lists of those who help: of the disabled the severely disabled (困难群体)';

create view open_employer as
select employer.employer_key, employer.kind, employer.industry, employer.region, employer.area, employer.status,
       employer.registered_on, employer.legal_representative_key,
       coalesce(closed.closes_on, date '9999-12-31') as closes_on, employer
from employer
left join (
    select employer_key, min(closed_on) as closes_on from employer_closure group by employer_key
) as closed on closed.employer_key = employer.employer_key
where employer.status in ('operating', 'introduced');
comment on view open_employer is 'Employers that their register does not call closed or gone; closes_on: the first day any authority calls them closed (存续单位)';
