/** The catalogue: plans, their versions, and what each of them allows and costs. */
package io.counterfoil.jobs.plans;
